"""CNCF distribution under each way to authenticate: what we push is what we read."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ci_publish.errors import AuthError, RegistryError
from ci_publish.oci import Blob, Digest, Reference, Repository
from ci_publish.oci.compose import compose_image
from ci_publish.oci.media_types import OCI_CONFIG, OCI_LAYER
from ci_publish.registry import Credentials, Registry, Settings, connect, fetch_image
from ci_publish.registry.auth import RegistryAuth
from ci_publish.registry.credentials import find_credentials
from ci_publish.registry.credentials.store import CredentialStore
from ci_publish.registry.endpoint import Endpoint
from ci_publish.registry.transport import Transport, open_client
from tests.support.certificates import make_authority, make_server
from tests.support.docker_registry import docker_registry, htpasswd_auth, token_auth
from tests.support.programs import require_program
from tests.support.token_issuer import TokenIssuer, running_issuer
from tests.support.validate import validate

pytestmark = pytest.mark.real

LAYER = bytes(range(256)) * 12_000
CONFIG = (
    b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["%s"]}}'
    % str(Digest.of(LAYER)).encode()
)
ME = Credentials("me", "secret")


class Clock:
    """Time that a test can let pass."""

    passed = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.passed


def registry_at(host: str, credentials: Credentials | None, **settings: object) -> Registry:
    return connect(host, settings=Settings(**{"clock": time.monotonic, **settings}), credentials=credentials)  # type: ignore[arg-type]  # by name


def push_and_read_back(registry: Registry, name: str = "team/sample") -> None:
    repository = Repository(registry.host, name)
    image = compose_image(Blob.of(CONFIG, OCI_CONFIG), [Blob.of(LAYER, OCI_LAYER)], platform=None)
    for blob in image.blobs:
        assert registry.blob_size(repository, blob.descriptor.digest) is None
        session = registry.start_upload(repository)
        session = registry.send_chunk(session, [blob.read(1 << 30)], size=None)
        registry.finish_upload(session, blob.descriptor.digest)
        assert registry.blob_size(repository, blob.descriptor.digest) == blob.descriptor.size
    assert registry.head_manifest(repository, "1.0") is None
    for ref in (image.descriptor.digest, "1.0"):
        registry.put_manifest(repository, ref, image.descriptor.media_type, image.manifest)
    fetched = fetch_image(registry, Reference(repository, "1.0"))
    assert fetched.manifest == image.manifest
    validate(fetched)
    assert list(registry.tags(repository)) == ["1.0"]
    assert registry.referrers(repository, image.descriptor.digest) == ()
    other = Repository(registry.host, "team/other")
    assert registry.mount_blob(other, image.layers[0].descriptor.digest, source=repository) is None
    assert registry.blob_size(other, image.layers[0].descriptor.digest) == len(LAYER)
    registry.cancel_upload(registry.start_upload(repository))
    registry.delete_manifest(repository, image.descriptor.digest)
    assert registry.head_manifest(repository, "1.0") is None


def test_without_authentication(tmp_path: Path) -> None:
    with docker_registry(tmp_path) as host, registry_at(host, None) as registry:
        push_and_read_back(registry)


def test_with_passwords(tmp_path: Path) -> None:
    with docker_registry(tmp_path, auth=htpasswd_auth(tmp_path, "me", "secret")) as host:
        with registry_at(host, ME) as registry:
            registry.ping()
            push_and_read_back(registry)
        for wrong in (Credentials("me", "wrong"), Credentials("you", "secret"), None):
            with registry_at(host, wrong) as registry, pytest.raises(AuthError) as caught:
                registry.ping()
            assert caught.value.exit_code == 5
            assert host in (caught.value.hint or "")


def test_skopeo_uses_what_we_stored_and_we_use_what_it_stored(tmp_path: Path) -> None:
    skopeo = str(require_program("skopeo", install="apt-get install skopeo"))
    ours, theirs = tmp_path / "ours.json", tmp_path / "theirs.json"
    with docker_registry(tmp_path, auth=htpasswd_auth(tmp_path, "me", "secret")) as host:
        repository = Repository(host, "team/sample")
        image = compose_image(Blob.of(CONFIG, OCI_CONFIG), [Blob.of(LAYER, OCI_LAYER)], platform=None)
        with registry_at(host, ME) as registry:
            for blob in image.blobs:
                session = registry.start_upload(repository)
                registry.finish_upload(session, blob.descriptor.digest, body=blob.read(1 << 30))
            registry.put_manifest(repository, "1.0", image.descriptor.media_type, image.manifest)

        environ = {"REGISTRY_AUTH_FILE": str(ours)}
        CredentialStore.of(environ, tmp_path).save(host, ME)
        inspect = [
            skopeo,
            "inspect",
            "--raw",
            "--tls-verify=false",
            "--authfile",
            str(ours),
            f"docker://{repository}:1.0",
        ]
        assert subprocess.run(inspect, capture_output=True, check=True).stdout == image.manifest

        login = [skopeo, "login", "--tls-verify=false", "--authfile", str(theirs), "-u", "me", "--password-stdin", host]
        subprocess.run(login, input=b"secret", capture_output=True, check=True)
        found = find_credentials(repository, environ={"REGISTRY_AUTH_FILE": str(theirs)}, home=tmp_path)
        assert found.credentials == ME


@contextmanager
def token_registry(tmp_path: Path) -> Iterator[tuple[str, TokenIssuer]]:
    issuer = TokenIssuer({"me": "secret"}, {"long-lived": "me"})
    with running_issuer(issuer), docker_registry(tmp_path, auth=token_auth(tmp_path, issuer)) as host:
        yield host, issuer


def test_with_tokens(tmp_path: Path) -> None:
    with token_registry(tmp_path) as (host, issuer):
        with registry_at(host, ME) as registry:
            registry.ping()
            push_and_read_back(registry)
        # one for each set of rights, not one for each request
        assert len(issuer.requests) == len(set(issuer.requests)) <= 6
        with registry_at(host, Credentials("me", "wrong")) as registry, pytest.raises(AuthError, match="wrong user"):
            registry.ping()


def test_nobody_may_pull_but_not_push(tmp_path: Path) -> None:
    with token_registry(tmp_path) as (host, _):
        repository = Repository(host, "team/sample")
        with registry_at(host, ME) as registry:
            registry.finish_upload(registry.start_upload(repository), Digest.of(LAYER), body=LAYER)
        with registry_at(host, None) as registry:
            assert registry.blob_size(repository, Digest.of(LAYER)) == len(LAYER)
            with registry.open_blob(repository, Digest.of(LAYER), start=100) as stream:
                assert stream.read() == LAYER[100:]
            with pytest.raises(AuthError) as caught:
                registry.start_upload(repository)
            assert caught.value.status == 401


@pytest.mark.parametrize("knows_forms", [True, False])
def test_with_an_identity_token(tmp_path: Path, *, knows_forms: bool) -> None:
    with token_registry(tmp_path) as (host, issuer):
        issuer.knows_forms = knows_forms
        with registry_at(host, Credentials("<token>", identity_token="long-lived")) as registry:
            push_and_read_back(registry)
        assert {request.user for request in issuer.requests if request.method == "POST"} == {"me"}
        assert any(request.method == "GET" for request in issuer.requests) is not knows_forms
        with registry_at(host, Credentials(identity_token="revoked")) as registry, pytest.raises(AuthError):
            registry.ping()


def test_a_token_that_has_ended_in_the_middle_is_renewed(tmp_path: Path) -> None:
    repository_name, big = "team/sample", LAYER * 4
    with token_registry(tmp_path) as (host, issuer), registry_at(host, ME) as registry:
        repository = Repository(host, repository_name)
        session = registry.start_upload(repository)
        # distribution allows for a minute between clocks, so this one is refused although we believe in it
        issuer.lifetimes = [-120.0]
        registry._transport._auth._tokens._tokens.clear()
        session = registry.send_chunk(session, [big], size=len(big))
        registry.finish_upload(session, Digest.of(big))
        assert registry.blob_size(repository, Digest.of(big)) == len(big)
        assert len(issuer.requests) == 3


def test_a_token_is_renewed_before_it_ends(tmp_path: Path) -> None:
    clock = Clock()
    with token_registry(tmp_path) as (host, issuer), registry_at(host, ME, clock=clock) as registry:
        repository = Repository(host, "team/sample")
        for _ in range(3):
            registry.cancel_upload(registry.start_upload(repository))
            clock.passed += 299.0
        assert len([request for request in issuer.requests if "push" in "".join(request.scopes)]) == 3


def registry_with_tls(host: str, ca_file: Path | None) -> Registry:
    # by itself, this machine is spoken to in http
    endpoint, settings = Endpoint(host, "https"), Settings(clock=time.monotonic, ca_file=ca_file)
    auth = RegistryAuth(endpoint, None, clock=time.monotonic)
    return Registry(Transport(endpoint, auth, open_client(endpoint, settings), settings))


def test_with_an_authority_of_its_own(tmp_path: Path) -> None:
    authority = make_authority("the tests' own")
    ca_file, _ = authority.write(tmp_path, "authority")
    with docker_registry(tmp_path, server=make_server(authority)) as host:
        with registry_with_tls(host, ca_file) as registry:
            push_and_read_back(registry)
        with registry_with_tls(host, None) as registry, pytest.raises(RegistryError, match="not trusted") as caught:
            registry.ping()
        assert not caught.value.transient
        assert "--ca-file" in (caught.value.hint or "")
        with registry_at(host, None) as registry, pytest.raises(RegistryError) as caught:
            registry.ping()
        assert caught.value.status == 400


def test_tls_with_a_server_that_has_none(tmp_path: Path) -> None:
    with (
        docker_registry(tmp_path) as host,
        registry_with_tls(host, None) as registry,
        pytest.raises(RegistryError, match="does not speak TLS") as caught,
    ):
        registry.ping()
    assert "--plain-http" in (caught.value.hint or "")
