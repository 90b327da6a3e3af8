"""`login` and `logout`, as a user meets them."""

from __future__ import annotations

import base64
import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ci_publish.cli import login, logout
from ci_publish.errors import AuthError, CiPublishError, RegistryError, UsageError
from ci_publish.server import Answer, Call
from tests.support.credential_helper import install_helper, kept_by
from tests.support.registry import running_registry

USER, PASSWORD = "me", "correct horse"
ENTRY = {"auth": base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}


def with_password(call: Call) -> Answer | None:
    """Lets in who says user and password."""
    if call.headers.get("authorization") == f"Basic {ENTRY['auth']}":
        return None
    return Answer(401, {"WWW-Authenticate": 'Basic realm="tests"'})


@pytest.fixture
def host(tmp_path: Path) -> Iterator[str]:
    with running_registry(tmp_path, gate=with_password) as registry:
        yield registry.address


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own, with nothing in the environment that changes where files are."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "CI_PUBLISH_USERNAME", "CI_PUBLISH_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return folder


def log_in(host: str, *options: str, password: str = PASSWORD) -> Result:
    arguments = [host, "--username", USER, "--password-stdin", *options]
    return CliRunner().invoke(login.command, arguments, input=f"{password}\n")


def config(home: Path) -> Path:
    return home / ".docker" / "config.json"


def error_of(result: Result) -> CiPublishError:
    assert isinstance(result.exception, CiPublishError)
    return result.exception


def test_login_stores_what_was_checked_and_logout_removes_it(home: Path, host: str) -> None:
    result = log_in(host)
    assert result.exit_code == 0, result.output
    assert json.loads(config(home).read_text()) == {"auths": {host: ENTRY}}
    assert result.stdout == ""
    assert "unencrypted" in result.stderr
    assert f"logged in to {host} as {USER}" in result.stderr
    assert PASSWORD not in result.output

    removed = CliRunner().invoke(logout.command, [host])
    assert removed.exit_code == 0
    assert json.loads(config(home).read_text()) == {"auths": {}}
    assert f"logged out of {host}" in removed.stderr
    again = CliRunner().invoke(logout.command, [host, "--format", "json"])
    assert json.loads(again.stdout) == {"registry": host, "removed": False}


def test_a_wrong_password_is_not_stored(home: Path, host: str) -> None:
    error = error_of(log_in(host, password="wrong battery"))
    assert isinstance(error, AuthError)
    assert error.exit_code == 5
    assert "wrong battery" not in f"{error.message}{error.hint}"
    assert not config(home).exists()


def test_what_is_no_registry_is_not_stored_either(home: Path) -> None:
    error = error_of(log_in("127.0.0.1:1"))
    assert isinstance(error, RegistryError)
    assert not config(home).exists()


@pytest.mark.parametrize("host", ["https://ghcr.io", "ghcr.io/owner", "ghcr io"])
def test_what_is_no_host_is_refused(home: Path, host: str) -> None:
    assert isinstance(error_of(log_in(host)), UsageError)
    assert isinstance(error_of(CliRunner().invoke(logout.command, [host])), UsageError)


def test_a_helper_keeps_the_password(home: Path, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in install_helper(home / "helper", "keeper").items():
        monkeypatch.setenv(name, value)
    config(home).parent.mkdir()
    config(home).write_text('{"credsStore": "keeper"}')
    result = log_in(host, "--format", "json")
    assert json.loads(result.stdout) == {"registry": host, "username": USER, "kept": "docker-credential-keeper"}
    assert kept_by(home / "helper") == {host: [USER, PASSWORD]}
    assert "unencrypted" not in result.stderr
    assert CliRunner().invoke(logout.command, [host]).exit_code == 0
    assert kept_by(home / "helper") == {}


def test_the_environment_may_say_who_and_where(
    home: Path, tmp_path: Path, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_PUBLISH_USERNAME", USER)
    monkeypatch.setenv("CI_PUBLISH_PASSWORD", PASSWORD)
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(tmp_path / "auth.json"))
    result = CliRunner().invoke(login.command, [host])
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "auth.json").read_text()) == {"auths": {host: ENTRY}}


def test_what_is_missing_is_named(home: Path, host: str) -> None:
    without_user = CliRunner().invoke(login.command, [host, "--password-stdin"], input="x")
    assert "no user name" in error_of(without_user).message
    without_password = CliRunner().invoke(login.command, [host, "--username", USER])
    assert "--password-stdin" in (error_of(without_password).hint or "")
    empty = CliRunner().invoke(login.command, [host, "--username", USER, "--password-stdin"], input="\n")
    assert "stdin is empty" in error_of(empty).message


def test_a_password_that_is_not_text_is_wrong_usage(home: Path, host: str) -> None:
    arguments = [host, "--username", USER, "--password-stdin"]
    result = CliRunner().invoke(login.command, arguments, input=b"\xff\n")
    assert isinstance(result.exception, UsageError)


def test_no_option_takes_a_password() -> None:
    takes_value = {option.name for option in login.command.params if not getattr(option, "is_flag", False)}
    assert takes_value == {"host", "username", "ca_file", "output_format"}


def test_a_terminal_is_asked_without_echo(home: Path, host: str) -> None:
    answers = iter([f"{USER}\n", f"{PASSWORD}\n"])
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ci_publish", "login", host]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True) as process:
        os.close(theirs)
        shown = ""
        while text := read_terminal(ours):
            shown += text
            if shown.endswith(("Username: ", "Password: ")):
                os.write(ours, next(answers).encode())
    os.close(ours)
    assert process.returncode == 0, shown
    assert PASSWORD not in shown
    assert json.loads(config(home).read_text()) == {"auths": {host: ENTRY}}


def read_terminal(terminal: int) -> str:
    """What the program printed since; empty when it has ended or says nothing for long."""
    if not select.select([terminal], [], [], 20)[0]:
        return ""
    try:
        return os.read(terminal, 4096).decode()
    except OSError:
        return ""
