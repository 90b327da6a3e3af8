from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from ci_publish.errors import UsageError
from ci_publish.registry.credentials import Credentials, find_credentials
from ci_publish.registry.credentials.store import CredentialStore
from tests.support.credential_helper import install_helper, kept_by

ME = Credentials("me", "secret")


@pytest.fixture
def store(tmp_path: Path) -> CredentialStore:
    return CredentialStore.of({}, tmp_path)


def test_what_was_saved_is_found_and_what_was_removed_is_not(tmp_path: Path, store: CredentialStore) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    kept = store.save("registry.example.com:5000", ME)
    assert kept.is_plain
    assert kept.where == str(tmp_path / ".docker" / "config.json")
    assert find_credentials("registry.example.com:5000", environ=environ, home=tmp_path).credentials == ME
    assert store.remove("registry.example.com:5000")
    assert find_credentials("registry.example.com:5000", environ=environ, home=tmp_path).credentials is None
    assert not store.remove("registry.example.com:5000")


def test_docker_hub_has_the_key_that_docker_looks_for(store: CredentialStore) -> None:
    store.save("docker.io", ME)
    assert json.loads(store.path.read_text()) == {"auths": {"https://index.docker.io/v1/": {"auth": "bWU6c2VjcmV0"}}}


def test_only_the_owner_can_read_the_file(store: CredentialStore) -> None:
    store.path.parent.mkdir()
    store.path.write_text("{}")
    store.path.chmod(0o644)
    store.save("ghcr.io", ME)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert list(store.path.parent.iterdir()) == [store.path]


def test_everything_else_in_the_file_stays(store: CredentialStore) -> None:
    before = {
        "HttpHeaders": {"X": "é"},
        "auths": {
            "other.example.com": {"auth": "eDp5", "email": "x@example.com"},
            "https://ghcr.io/v1/": {"auth": "b2xkOm9sZA=="},
        },
        "currentContext": "default",
    }
    store.path.parent.mkdir()
    store.path.write_text(json.dumps(before))
    store.save("ghcr.io", ME)
    after = json.loads(store.path.read_text())
    assert list(after) == list(before)
    assert after["auths"] == {
        "other.example.com": {"auth": "eDp5", "email": "x@example.com"},
        "ghcr.io": {"auth": "bWU6c2VjcmV0"},
    }
    assert after | {"auths": None} == before | {"auths": None}
    store.remove("ghcr.io")
    assert json.loads(store.path.read_text())["auths"] == {"other.example.com": before["auths"]["other.example.com"]}  # type: ignore[index]  # it is a dict


def test_a_link_stays_a_link(tmp_path: Path, store: CredentialStore) -> None:
    target = tmp_path / "dotfiles.json"
    target.write_text("{}")
    store.path.parent.mkdir()
    store.path.symlink_to(target)
    store.save("ghcr.io", ME)
    assert store.path.is_symlink()
    assert "ghcr.io" in target.read_text()


def test_the_file_that_the_environment_names(tmp_path: Path) -> None:
    for environ, path in (
        ({"REGISTRY_AUTH_FILE": str(tmp_path / "a.json"), "DOCKER_CONFIG": str(tmp_path / "d")}, "a.json"),
        ({"DOCKER_CONFIG": str(tmp_path / "d")}, "d/config.json"),
        ({"DOCKER_CONFIG": "", "REGISTRY_AUTH_FILE": ""}, ".docker/config.json"),
    ):
        assert CredentialStore.of(environ, tmp_path).path == tmp_path / path


@pytest.mark.parametrize(
    "config", [{"credsStore": "keeper"}, {"credHelpers": {"ghcr.io": "keeper"}, "credsStore": "other"}]
)
def test_a_helper_keeps_the_password_out_of_the_file(tmp_path: Path, config: dict[str, object]) -> None:
    store = CredentialStore.of(install_helper(tmp_path, "keeper"), tmp_path)
    store.path.parent.mkdir()
    store.path.write_text(json.dumps(config))
    kept = store.save("ghcr.io", ME)
    assert not kept.is_plain
    assert kept.where == "docker-credential-keeper"
    assert kept_by(tmp_path) == {"ghcr.io": ["me", "secret"]}
    assert json.loads(store.path.read_text()) == {**config, "auths": {"ghcr.io": {}}}
    assert store.remove("ghcr.io")
    assert kept_by(tmp_path) == {}
    assert json.loads(store.path.read_text()) == {**config, "auths": {}}
    assert not store.remove("ghcr.io")


def test_a_malformed_file_is_left_as_it_is(store: CredentialStore) -> None:
    store.path.parent.mkdir()
    store.path.write_text("{nonsense")
    with pytest.raises(UsageError, match=r"config\.json"):
        store.save("ghcr.io", ME)
    assert store.path.read_text() == "{nonsense"


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path, store: CredentialStore) -> None:
    (tmp_path / ".docker").write_text("in the way")
    with pytest.raises(UsageError, match="cannot be written"):
        store.save("ghcr.io", ME)
