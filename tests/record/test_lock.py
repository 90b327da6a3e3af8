"""One at a time holds the lock, and a holder that dies lets go."""

import subprocess
import sys
import threading
from pathlib import Path

from ci_publish.record.lock import exclusive


def test_threads_take_turns(tmp_path: Path) -> None:
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(20):
            with exclusive(tmp_path / "file"):
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert [*tmp_path.iterdir()] == []


def test_different_files_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with exclusive(tmp_path / "one"), exclusive(tmp_path / "two"):
        assert len([*tmp_path.iterdir()]) == 2


def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    program = (
        "import sys, time, pathlib; from ci_publish.record.lock import exclusive\n"
        "with exclusive(pathlib.Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, tmp_path / "file"], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        holder.kill()
    with exclusive(tmp_path / "file"):
        pass
    assert [*tmp_path.iterdir()] == []
