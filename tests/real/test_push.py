"""What we push into CNCF distribution, read back by skopeo and crane; what others build, pushed by us."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ci_publish.oci import Image
from ci_publish.sources import open_source
from tests.support.docker_registry import docker_registry, htpasswd_auth, token_auth
from tests.support.program import Program
from tests.support.programs import require_program
from tests.support.samples import SAMPLES
from tests.support.token_issuer import TokenIssuer, running_issuer

pytestmark = pytest.mark.real

CRANE = "go install github.com/google/go-containerregistry/cmd/crane@v0.20.6"
USER, PASSWORD = "me", "s3cret-word"
# What Debian's docker-registry (2.8) has no place for.
UNKNOWN_TO_DISTRIBUTION_2 = {"oci-artifact"}
# crane wants to see foreign layers too.
FOREIGN = {"docker-windows", "oci-foreign"}
# crane takes every layer for gzip when it looks into them.
BEYOND_CRANE = {
    "bazel",
    "docker-mixed-layers",
    "docker-save-provenance",
    "oci-dotted",
    "oci-index",
    "oci-index-directory",
    "oci-plain-layers",
    "oci-zstd-layers",
}


@pytest.fixture
def program(tmp_path: Path) -> Program:
    folder = tmp_path / "work"
    folder.mkdir()
    return Program(folder)


def run(name: str, *arguments: str | Path, install: str = "") -> str:
    program = require_program(name, install or f"apt-get install {name}")
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def copied_out(reference: str, folder: Path, *options: str) -> dict[str, bytes]:
    """Every blob and manifest that skopeo gets of an image, by digest."""
    arguments = ("copy", "--all", "--preserve-digests", "--src-tls-verify=false", *options)
    run("skopeo", "--insecure-policy", *arguments, f"docker://{reference}", f"dir:{folder}")
    contents = [path.read_bytes() for path in folder.iterdir() if path.name != "version"]
    return {f"sha256:{hashlib.sha256(content).hexdigest()}": content for content in contents}


def expected_digests(image: Image) -> set[str]:
    """The digests of all that makes up an image."""
    manifests = {str(part.descriptor.digest) for part in image.walk()}
    blobs = (blob for part in image.walk() for blob in part.blobs if not blob.descriptor.is_foreign)
    return manifests | {str(blob.descriptor.digest) for blob in blobs}


@pytest.mark.parametrize(
    "name", sorted({"docker-legacy", "docker-25", "oci-index", "oci-docker-list", "oci-zstd-layers"})
)
def test_skopeo_copies_out_the_bytes_that_we_pushed(name: str, program: Program, tmp_path: Path) -> None:
    archive = SAMPLES[name].write(program.folder)
    with docker_registry(tmp_path) as host:
        document = program.json("push", archive, f"{host}/team/app:1.2.3", "--tag", "latest")
        contents = copied_out(f"{host}/team/app:latest", tmp_path / "copy")
        inspected = json.loads(run("skopeo", "inspect", "--tls-verify=false", f"docker://{host}/team/app:1.2.3"))
    with open_source(archive) as source:
        if not source.image.composed:
            assert expected_digests(source.image) <= set(contents)

    assert document["digest"] in contents
    assert inspected["Digest"] == document["digest"]
    assert sorted(inspected["RepoTags"]) == ["1.2.3", "latest"]


@pytest.fixture(scope="module")
def distribution(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry for all samples, each in a repository of its own."""
    with docker_registry(tmp_path_factory.mktemp("distribution")) as host:
        yield host


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - UNKNOWN_TO_DISTRIBUTION_2))
def test_crane_finds_every_image_whole(name: str, program: Program, distribution: str) -> None:
    reference = f"{distribution}/samples/{name}:1"
    document = program.json("push", SAMPLES[name].write(program.folder), reference, "--select", "@0")
    assert run("crane", "digest", "--insecure", reference, install=CRANE).strip() == document["digest"]
    if name not in FOREIGN:
        depth = ("--fast",) if name in BEYOND_CRANE else ()
        run("crane", "validate", "--insecure", *depth, "--remote", reference, install=CRANE)


@contextmanager
def guarded(kind: str, folder: Path) -> Iterator[str]:
    """A registry that wants a password, directly or for tokens."""
    if kind == "password":
        with docker_registry(folder, auth=htpasswd_auth(folder, USER, PASSWORD)) as host:
            yield host
        return
    issuer = TokenIssuer({USER: PASSWORD})
    with running_issuer(issuer), docker_registry(folder, auth=token_auth(folder, issuer)) as host:
        yield host


@pytest.mark.parametrize("kind", ["password", "token"])
def test_push_with_an_account(kind: str, program: Program, tmp_path: Path) -> None:
    archive = SAMPLES["docker-legacy"].write(program.folder)
    account = {"CI_PUBLISH_USERNAME": USER, "CI_PUBLISH_PASSWORD": PASSWORD}
    with guarded(kind, tmp_path) as host:
        wrong = program.run("push", archive, f"{host}/team/app:1", **account | {"CI_PUBLISH_PASSWORD": "wrong"})
        pushed = program.json("push", archive, f"{host}/team/app:1", **account)
        again = program.json("push", archive, f"{host}/team/app:1", "--tag", "2", **account)
        contents = copied_out(f"{host}/team/app:2", tmp_path / "copy", "--src-creds", f"{USER}:{PASSWORD}")

    assert wrong.returncode == 5
    assert "Traceback" not in wrong.stderr
    assert again["blobs"]["uploaded"] == 0
    assert again["digest"] == pushed["digest"]
    assert pushed["digest"] in contents


def test_login_serves_us_and_others(program: Program, tmp_path: Path) -> None:
    archive = SAMPLES["oci-one"].write(program.folder)
    with guarded("password", tmp_path) as host:
        login = program.run("login", host, "--username", USER, "--password-stdin", stdin=PASSWORD)
        pushed = program.json("push", archive, f"{host}/team/app:1")
        config = program.folder / ".docker" / "config.json"
        read = run("skopeo", "inspect", "--tls-verify=false", "--authfile", config, f"docker://{host}/team/app:1")
        logout = program.run("logout", host)
        refused = program.run("push", archive, f"{host}/team/app:2")

    assert login.returncode == 0, login.stderr
    assert json.loads(read)["Digest"] == pushed["digest"]
    assert logout.returncode == 0
    assert refused.returncode == 5


def test_image_that_umoci_built_is_published(program: Program, tmp_path: Path) -> None:
    layout = program.folder / "layout"
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "hello").write_text("hello\n" * 1000)
    run("umoci", "init", "--layout", layout)
    run("umoci", "new", "--image", f"{layout}:v1")
    run("umoci", "insert", "--rootless", "--image", f"{layout}:v1", tree, "/srv")
    with open_source(layout) as source:
        built = source.image.descriptor.digest
    with docker_registry(tmp_path) as host:
        document = program.json("push", layout, f"{host}/team/app:v1")
        contents = copied_out(f"{host}/team/app:v1", tmp_path / "copy")

    assert document["digest"] == str(built)
    assert str(built) in contents


def test_image_that_skopeo_archived_is_published(program: Program, tmp_path: Path) -> None:
    source = SAMPLES["oci-one"].write(tmp_path)
    archive = program.folder / "archive.tar"
    run("skopeo", "--insecure-policy", "copy", f"oci-archive:{source}", f"docker-archive:{archive}:team/app:v1")
    with docker_registry(tmp_path) as host:
        document = program.json("push", archive, f"{host}/team/app:v1")
        run("crane", "validate", "--insecure", "--remote", f"{host}/team/app:v1", install=CRANE)

    assert document["blobs"]["uploaded"] > 0
