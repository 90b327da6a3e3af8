from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ci_publish.errors import UsageError
from ci_publish.registry.credentials import Credentials, find_credentials
from ci_publish.registry.credentials.helper_program import HelperProgram
from tests.support.credential_helper import install_helper, kept_by

Install = Callable[[str], HelperProgram]


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """A helper that runs this shell script, with `$1` the action and the request on stdin."""

    def make(script: str) -> HelperProgram:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        program = folder / "docker-credential-test"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return HelperProgram("test", "config.json", {"PATH": f"{folder}:/usr/bin:/bin"})

    return make


def test_a_helper_is_asked_by_the_key(install: Install) -> None:
    helper = install("""read key; printf '{"ServerURL":"%s","Username":"%s","Secret":"for %s"}' "$key" "$1" "$key" """)
    assert helper.get("ghcr.io") == Credentials("get", "for ghcr.io")


def test_a_user_named_token_has_an_identity_token(install: Install) -> None:
    helper = install("""printf '{"Username":"<token>","Secret":"refresh"}' """)
    assert helper.get("ghcr.io") == Credentials("<token>", identity_token="refresh")


@pytest.mark.parametrize(
    "script", ["echo credentials not found in native keychain; exit 1", """printf '{"Username":"","Secret":""}' """]
)
def test_a_helper_need_not_know_the_registry(install: Install, script: str) -> None:
    assert install(script).get("ghcr.io") is None


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo keychain is locked >&2; exit 1", "failed to get: keychain is locked"),
        ("exit 3", "exit code 3"),
        ("echo secret", "something that is not credentials"),
        ("echo '{\"Secret\": 1}'", "something that is not credentials"),
        ("echo '[]'", "something that is not credentials"),
    ],
)
def test_a_broken_helper_is_named(install: Install, script: str, message: str) -> None:
    with pytest.raises(UsageError, match="docker-credential-test") as caught:
        install(script).get("ghcr.io")
    assert message in caught.value.message
    assert "secret" not in caught.value.message


def test_a_helper_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="docker-credential-desktop is not installed") as caught:
        HelperProgram("desktop", "/home/me/.docker/config.json", {"PATH": str(tmp_path)}).get("ghcr.io")
    assert "/home/me/.docker/config.json" in (caught.value.hint or "")


def test_a_helper_that_cannot_run_is_named(install: Install) -> None:
    helper = install("")
    program = shutil.which(helper.program, path=helper.environ["PATH"])
    assert program
    Path(program).write_bytes(b"\x7fELF nonsense")
    with pytest.raises(UsageError, match="cannot run"):
        helper.get("ghcr.io")


@pytest.mark.parametrize("name", ["../evil", "a b", "-x", "x/y", "x\n"])
def test_a_name_that_is_none_is_not_run(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be"):
        HelperProgram(name, "config.json", {}).get("ghcr.io")


def test_a_helper_keeps_and_forgets(tmp_path: Path) -> None:
    helper = HelperProgram("keeper", "config.json", install_helper(tmp_path, "keeper"))
    helper.store("https://index.docker.io/v1/", Credentials("me", "secret"))
    assert kept_by(tmp_path) == {"https://index.docker.io/v1/": ["me", "secret"]}
    assert helper.get("https://index.docker.io/v1/") == Credentials("me", "secret")
    helper.erase("https://index.docker.io/v1/")
    assert helper.get("https://index.docker.io/v1/") is None
    helper.erase("https://index.docker.io/v1/")


def test_the_helper_of_a_registry_comes_before_the_general_one(tmp_path: Path) -> None:
    environ = install_helper(tmp_path / "own", "own") | {"XDG_RUNTIME_DIR": str(tmp_path)}
    own = HelperProgram("own", "", environ)
    own.store("ghcr.io", Credentials("own", "secret"))
    document = {"credHelpers": {"https://ghcr.io": "own"}, "credsStore": "absent", "auths": {"ghcr.io": {}}}
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text(json.dumps(document))
    found = find_credentials("ghcr.io", environ=environ, home=tmp_path)
    assert found.credentials == Credentials("own", "secret")
    assert "docker-credential-own" in found.origin
    # another registry is the general helper's, and that one is broken: not nobody in silence
    with pytest.raises(UsageError, match="docker-credential-absent"):
        find_credentials("example.com", environ=environ, home=tmp_path)


def test_the_helper_sees_only_the_environment_it_is_given(install: Install) -> None:
    helper = install(f"""printf '{{"Username":"x","Secret":"%s"}}' "${{HOME:-none}}"; : {sys.platform}""")
    assert helper.get("ghcr.io") == Credentials("x", "none")
