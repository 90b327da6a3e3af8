"""Which credentials are found, and which are left alone."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from ci_publish.errors import UsageError
from ci_publish.oci import Repository
from ci_publish.registry.credentials import SOURCES, Credentials, Found, find_credentials
from ci_publish.registry.credentials.github_token import github_registry

IMAGE = Repository("ghcr.io", "owner/group/image")


def auth(username: str, password: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{username}:{password}".encode()).decode()}


@dataclass(frozen=True, slots=True)
class Machine:
    """A home folder and an environment."""

    home: Path
    environ: dict[str, str]

    def write(self, path: str, document: object) -> Path:
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
        return file

    def auths(self, path: str, **by_host: dict[str, str]) -> Path:
        return self.write(path, {"auths": by_host})

    def find(self, target: Repository | str = IMAGE, explicit: Credentials | None = None) -> Found:
        return find_credentials(target, environ=self.environ, home=self.home, explicit=explicit)

    def user(self, target: Repository | str = IMAGE) -> str | None:
        credentials = self.find(target).credentials
        return credentials.username if credentials else None


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    # the runtime folder of whoever runs the tests is none of theirs
    return Machine(tmp_path, {"XDG_RUNTIME_DIR": str(tmp_path / "run")})


def prepare(machine: Machine, source: str) -> Credentials | None:
    """Have this source know the image; gives what is given explicitly."""
    by_host = {"ghcr.io": auth(source, "secret")}
    match source:
        case "explicit":
            return Credentials(source, "secret")
        case "REGISTRY_AUTH_FILE":
            machine.environ[source] = str(machine.write("auth/file.json", {"auths": by_host}))
        case "DOCKER_AUTH_CONFIG":
            machine.environ[source] = json.dumps({"auths": by_host})
        case "docker":
            machine.write(".docker/config.json", {"auths": by_host})
        case "podman":
            machine.write("run/containers/auth.json", {"auths": by_host})
        case "GITHUB_TOKEN":
            machine.environ.update({source: "secret", "GITHUB_ACTOR": source})
        case _:
            pytest.fail(f"no case for {source}")
    return None


@pytest.mark.parametrize("source", SOURCES)
def test_each_source_alone_is_found(machine: Machine, source: str) -> None:
    found = machine.find(explicit=prepare(machine, source))
    assert found.credentials == Credentials(source, "secret")
    assert found.origin
    assert "secret" not in found.origin


def test_earlier_sources_come_before_later_ones(machine: Machine) -> None:
    for source in reversed(SOURCES):
        found = machine.find(explicit=prepare(machine, source))
        assert found.credentials == Credentials(source, "secret")


@pytest.mark.parametrize("source", [source for source in SOURCES if source != "explicit"])
def test_no_source_answers_for_another_host(machine: Machine, source: str) -> None:
    prepare(machine, source)
    for host in ("ghcr.io.example.com", "xghcr.io", "docker.io", "ghcr.io:5000", "io", "localhost:5000"):
        found = machine.find(host)
        assert found.credentials is None
        assert "anonymous" in found.origin


def test_a_file_that_names_no_such_host_leaves_the_job_its_token(machine: Machine) -> None:
    prepare(machine, "GITHUB_TOKEN")
    machine.write(".docker/config.json", {"auths": {"docker.io": auth("me", "secret")}})
    assert machine.user() == "GITHUB_TOKEN"


@pytest.mark.parametrize(
    ("server", "registry"),
    [
        ("", "ghcr.io"),
        ("https://github.com", "ghcr.io"),
        ("https://github.example.com", "containers.github.example.com"),
        ("https://octo.ghe.com", "containers.octo.ghe.com"),
        ("nonsense", ""),
    ],
)
def test_the_jobs_token_goes_to_the_server_that_issued_it(machine: Machine, server: str, registry: str) -> None:
    assert github_registry(server) == registry
    machine.environ.update({"GITHUB_TOKEN": "secret", "GITHUB_SERVER_URL": server})
    for host in ("ghcr.io", "containers.github.example.com", "containers.octo.ghe.com"):
        expected = "token" if host == registry else None
        assert machine.user(host) == expected


def test_an_empty_token_is_none(machine: Machine) -> None:
    machine.environ["GITHUB_TOKEN"] = ""
    assert machine.find().credentials is None


def test_the_folder_of_docker_can_be_another(machine: Machine) -> None:
    machine.write("elsewhere/config.json", {"auths": {"ghcr.io": auth("me", "secret")}})
    machine.write(".docker/config.json", {"auths": {"ghcr.io": auth("not me", "secret")}})
    machine.environ["DOCKER_CONFIG"] = str(machine.home / "elsewhere")
    assert machine.user() == "me"


def test_podman_keeps_credentials_in_two_places(machine: Machine) -> None:
    machine.write(".config/containers/auth.json", {"auths": {"ghcr.io": auth("config", "secret")}})
    assert machine.user() == "config"
    machine.write("run/containers/auth.json", {"auths": {"ghcr.io": auth("run", "secret")}})
    assert machine.user() == "run"
    machine.environ["XDG_CONFIG_HOME"] = str(machine.home / "xdg")
    machine.write("run/containers/auth.json", {})
    assert machine.user() is None
    machine.write("xdg/containers/auth.json", {"auths": {"ghcr.io": auth("xdg", "secret")}})
    assert machine.user() == "xdg"


@pytest.mark.parametrize(
    "key", ["ghcr.io", "https://ghcr.io", "http://ghcr.io/", "https://ghcr.io/v2/", "ghcr.io/v1/", "GHCR.IO"]
)
def test_a_host_has_many_spellings(machine: Machine, key: str) -> None:
    machine.write(".docker/config.json", {"auths": {key: auth("me", "secret")}})
    assert machine.user() == "me"


@pytest.mark.parametrize("key", ["https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io"])
def test_docker_hub_has_more(machine: Machine, key: str) -> None:
    machine.write(".docker/config.json", {"auths": {key: auth("me", "secret")}})
    for target in (Repository.parse("alpine"), Repository.parse("docker.io/me/image"), "docker.io", "index.docker.io"):
        assert machine.user(target) == "me"


def test_the_longest_part_of_a_registry_counts(machine: Machine) -> None:
    names = ("ghcr.io", "ghcr.io/owner", "ghcr.io/owner/group", "ghcr.io/owner/group/image", "ghcr.io/own")
    machine.write(".docker/config.json", {"auths": {name: auth(name, "secret") for name in names}})
    assert machine.user(IMAGE) == "ghcr.io/owner/group/image"
    assert machine.user(Repository("ghcr.io", "owner/group/other")) == "ghcr.io/owner/group"
    assert machine.user(Repository("ghcr.io", "owner/x/image")) == "ghcr.io/owner"
    assert machine.user(Repository("ghcr.io", "owners/image")) == "ghcr.io"
    assert machine.user("ghcr.io") == "ghcr.io"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (auth("me", "a:b:c"), Credentials("me", "a:b:c")),
        ({"auth": "bWU6cGFzcw=="}, Credentials("me", "pass")),
        ({"auth": "bWU6cGFzcw"}, Credentials("me", "pass")),
        ({"auth": base64.b64encode(b"me:pass\0\0").decode()}, Credentials("me", "pass")),
        ({"auth": base64.b64encode("mé:pässword".encode()).decode()}, Credentials("mé", "pässword")),
        ({"username": "me", "password": "pass"}, Credentials("me", "pass")),
        ({"identitytoken": "refresh"}, Credentials(identity_token="refresh")),
        (auth("me", "") | {"identitytoken": "refresh"}, Credentials("me", identity_token="refresh")),
        ({"registrytoken": "bearer"}, Credentials(registry_token="bearer")),
        ({}, None),
        ({"auth": ""}, None),
        ({"email": "me@example.com"}, None),
    ],
)
def test_entries_of_every_shape(machine: Machine, entry: dict[str, str], expected: Credentials | None) -> None:
    machine.write(".docker/config.json", {"auths": {"ghcr.io": entry}})
    assert machine.find().credentials == expected


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '"secret"',
        '{"auths": []}',
        '{"auths": {"ghcr.io": "secret"}}',
        '{"auths": {"ghcr.io": {"auth": 7}}}',
        '{"auths": {"ghcr.io": {"auth": "secret secret"}}}',
        '{"auths": {"ghcr.io": {"auth": "c2VjcmV0"}}}',
        '{"auths": {"ghcr.io": {"auth": "OnNlY3JldA=="}}}',
        '{"auths": {"ghcr.io": {"auth": "//79"}}}',
        '{"auths": {"ghcr.io": {"registrytoken": "secret\\nX: y"}}}',
        '{"credsStore": ["secret"]}',
        '{"credHelpers": "secret"}',
        "[" * 100_000,
    ],
)
def test_a_malformed_file_is_named_but_not_repeated(machine: Machine, text: str) -> None:
    file = machine.write(".docker/config.json", text)
    with pytest.raises(UsageError) as caught:
        machine.find()
    assert str(file) in caught.value.message
    for secret in ("secret", "c2VjcmV0", "OnNl"):
        assert secret not in f"{caught.value.message}{caught.value.hint}"


def test_a_password_need_not_be_text() -> None:
    secret = b"secret\xff".decode(errors="surrogateescape")
    assert Credentials("me", secret).basic() == "Basic " + base64.b64encode(b"me:secret\xff").decode()


def test_every_form_of_a_secret_is_known() -> None:
    secrets = Credentials("me", "one", identity_token="two", registry_token="three").secrets()
    assert secrets == ("one", "two", "three", base64.b64encode(b"me:one").decode())


def test_a_malformed_entry_for_another_host_does_not_matter(machine: Machine) -> None:
    machine.write(".docker/config.json", {"auths": {"example.com": "nonsense", "ghcr.io": auth("me", "secret")}})
    assert machine.user() == "me"


def test_a_malformed_variable_is_named(machine: Machine) -> None:
    machine.environ["DOCKER_AUTH_CONFIG"] = "secret{"
    with pytest.raises(UsageError, match="DOCKER_AUTH_CONFIG") as caught:
        machine.find()
    assert "secret" not in caught.value.message


def test_an_empty_file_holds_nothing(machine: Machine) -> None:
    machine.write(".docker/config.json", "\n")
    assert machine.find().credentials is None


def test_a_file_in_place_of_a_folder_holds_nothing(machine: Machine) -> None:
    machine.write(".docker", "not a folder")
    assert machine.find().credentials is None


def test_a_file_that_cannot_be_read_is_an_error(machine: Machine) -> None:
    (machine.home / ".docker" / "config.json").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"config\.json"):
        machine.find()


def test_a_file_too_large_for_credentials_is_refused(machine: Machine) -> None:
    machine.write(".docker/config.json", " " * (4 * 1024 * 1024 + 1))
    with pytest.raises(UsageError, match="too large"):
        machine.find()


def test_secrets_do_not_show() -> None:
    credentials = Credentials("me", "secret-1", identity_token="secret-2", registry_token="secret-3")
    for text in (repr(credentials), str(credentials), repr(Found(credentials, "origin")), f"{credentials}"):
        assert "secret" not in text
        assert "me" in text
