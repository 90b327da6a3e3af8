from __future__ import annotations

import json
import os
import signal
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.action.checkout import Checkout

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for the installer is a shell script")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout.create(tmp_path / "a checkout")


def test_the_command_runs_with_what_was_installed(checkout: Checkout) -> None:
    done = checkout.run(CI_PUBLISH_COMMAND="pin --check .")
    result = json.loads(done.stdout)
    assert result["argv"] == ["ci-publish", "pin", "--check", "."]
    assert Path(result["installed"]).parent == checkout.kept[0]


def test_push_is_the_command_when_none_is_named(checkout: Checkout) -> None:
    assert json.loads(checkout.run().stdout)["argv"] == ["ci-publish", "push"]
    assert json.loads(checkout.run(CI_PUBLISH_COMMAND="").stdout)["argv"] == ["ci-publish", "push"]


def test_the_programs_exit_code_is_ours(checkout: Checkout) -> None:
    assert checkout.run(EXIT_CODE="7").returncode == 7


def test_a_second_step_installs_nothing(checkout: Checkout) -> None:
    assert checkout.run().returncode == 0
    assert checkout.run(PATH=os.defpath).returncode == 0
    assert len(checkout.installs) == 1


def test_another_lock_file_is_installed_beside_the_first(checkout: Checkout) -> None:
    checkout.run()
    (checkout.path / "requirements.lock").write_text("# changed\n", encoding="utf-8")
    checkout.run()
    assert len(checkout.installs) == len(checkout.kept) == 2


def test_only_what_the_lock_file_names_is_installed(checkout: Checkout) -> None:
    checkout.run()
    words = checkout.installs[0].split()
    assert {"--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-compile"} <= set(words)


def test_the_installer_does_not_get_the_password(checkout: Checkout) -> None:
    checkout.run(CI_PUBLISH_PASSWORD="hunter2", PIP_INDEX_URL="kept")
    seen = (checkout.path / "log.env").read_text(encoding="utf-8")
    assert "hunter2" not in seen
    assert "PIP_INDEX_URL=kept" in seen


def test_a_failed_install_says_so_and_leaves_nothing(checkout: Checkout) -> None:
    failed = checkout.run(INSTALLER="fails")
    assert failed.returncode == 4
    assert failed.stdout.startswith("::error title=ci-publish::the dependencies could not be installed")
    assert "hint: " in failed.stderr
    assert "Traceback" not in failed.stderr
    assert checkout.kept == []


def test_a_killed_install_is_not_taken_for_a_finished_one(checkout: Checkout) -> None:
    with checkout.start(INSTALLER="hangs") as process:
        while not (checkout.path / "log.hangs").exists():
            assert process.poll() is None
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
    assert checkout.run().returncode == 0
    assert len(checkout.installs) == 2


def test_jobs_that_start_at_once_share_one_folder(checkout: Checkout) -> None:
    running = [checkout.start(INSTALLER="slow") for _ in range(4)]
    outputs = [process.communicate(timeout=30)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0, 0]
    assert {Path(json.loads(output)["installed"]).parent for output in outputs} == set(checkout.kept)
    assert len(checkout.kept) == 1


def test_the_jobs_own_folder_serves_when_the_tool_cache_cannot_be_written(checkout: Checkout) -> None:
    occupied = checkout.path / "occupied"
    occupied.write_text("not a folder", encoding="utf-8")
    done = checkout.run(RUNNER_TOOL_CACHE=str(occupied), RUNNER_TEMP=str(checkout.path / "cache"))
    assert done.returncode == 0
    assert len(checkout.kept) == 1


def test_no_folder_at_all_is_an_error_with_a_hint(checkout: Checkout) -> None:
    done = checkout.run(RUNNER_TOOL_CACHE="")
    assert done.returncode == 2
    assert "RUNNER_TEMP" in done.stderr


def test_a_uv_that_does_not_run_is_not_used(checkout: Checkout) -> None:
    (checkout.path / "bin" / "uv").write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
    (checkout.path / "requirements.lock").write_text(f"absent==1 --hash=sha256:{64 * '0'}\n", encoding="utf-8")
    done = checkout.run(PIP_NO_INDEX="1")
    # where this Python has pip it looks for the package in vain, elsewhere there is no installer left
    expected = 4 if find_spec("pip") else 2
    assert done.returncode == expected, done.stderr


def test_the_workspace_cannot_replace_a_module(checkout: Checkout) -> None:
    for name in ("installed.py", "json.py", "tempfile.py"):
        (checkout.path / "action" / name).write_text("raise SystemExit('from the workspace')", encoding="utf-8")
    done = checkout.run(PYTHONPATH=str(checkout.path / "action"))
    assert done.returncode == 0, done.stderr
