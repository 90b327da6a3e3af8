import signal
import socket
from pathlib import Path

import httpx
import pytest

from ci_publish.errors import UsageError
from tests.support.serve import served, start_serve


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_end(number: signal.Signals) -> None:
    with served() as running:
        assert httpx.get(f"{running.url}/v2/").status_code == 200
        assert running.storage.is_dir()
        running.process.send_signal(number)
        out, err = running.process.communicate(timeout=10)
    assert running.process.returncode == 0
    assert out == ""
    assert err == f"serving {running.url}, storage in {running.storage} until it ends\n"
    assert not running.storage.exists()


def test_a_folder_that_was_given_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "by it"
    for _ in range(2):
        with served("--storage", str(folder)) as running:
            assert running.storage == folder
            running.process.terminate()
            _, err = running.process.communicate(timeout=10)
        assert running.process.returncode == 0
        assert err == f"serving {running.url}, storage in {folder}\n"
    assert (folder / "blobs").is_dir()


def test_quiet_is_quiet_but_warns_of_other_hosts() -> None:
    with served("--quiet", "--host", "0.0.0.0") as running:
        running.process.terminate()
        _, err = running.process.communicate(timeout=10)
    assert running.process.returncode == 0
    assert err == "warning: 0.0.0.0 can be reached by others, and there is no authentication\n"


def test_a_port_that_is_taken_is_an_error_of_usage() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with start_serve("--port", str(port)) as process:
            out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (UsageError.exit_code, "")
    assert err.startswith(f"error: cannot listen on 127.0.0.1:{port}: ")
    assert "hint: give another port with --port" in err


def test_a_folder_in_use_is_an_error_of_usage(tmp_path: Path) -> None:
    with served("--storage", str(tmp_path)), start_serve("--port", "0", "--storage", str(tmp_path)) as second:
        out, err = second.communicate(timeout=10)
    assert (second.returncode, out) == (UsageError.exit_code, "")
    assert err.startswith(f"error: {tmp_path} is in use by another registry\nhint: ")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with start_serve("--port", "0", "--storage", str(file)) as process:
        _, err = process.communicate(timeout=10)
    assert process.returncode == 2
    assert "is a file" in err
    with start_serve("--port", "0", "--storage", str(file / "below")) as process:
        _, err = process.communicate(timeout=10)
    assert process.returncode == 2
    assert err.startswith("error: ")
    assert "Traceback" not in err
