"""A push to a real registry: what arrives, in which order, and what a failure leaves behind."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from ci_publish.errors import AuthError, CiPublishError, SourceError
from ci_publish.oci import Digest, Repository
from ci_publish.oci.media_types import OCI, Compression
from ci_publish.publish.options import PushOptions
from ci_publish.publish.progress import Silence
from ci_publish.publish.push import push
from ci_publish.server import Answer, Call
from ci_publish.sources import open_source
from tests.support.archive_parts import LAYERS, Layout, compressed, config, encoded
from tests.support.pushing import PROVENANCE, connected, fetched, plan_archive, push_archive, tag_plan
from tests.support.registry import WatchedRegistry, running_registry
from tests.support.samples import SAMPLES, write_directory
from tests.support.validate import validate


@pytest.fixture
def repository(registry: WatchedRegistry) -> Repository:
    return Repository.parse(f"{registry.address}/team/app")


@pytest.mark.parametrize("name", SAMPLES)
def test_registry_holds_the_whole_image_under_its_tags(name: str, repository: Repository, tmp_path: Path) -> None:
    path = SAMPLES[name].write(tmp_path)
    [result] = push_archive(path, [repository], ["1.2.3", "1.2", "latest"])
    with open_source(path, select="@0") as archive:
        sent = archive.image
    for tag in ("1.2.3", "1.2", "latest"):
        received = fetched(repository, tag)
        validate(received)
        assert received.descriptor.digest == result.publication.digest
        if not sent.composed:
            assert received.manifest == sent.manifest
        assert [b.diff_id for p in received.walk() for b in p.layers] == [
            b.diff_id for p in sent.walk() for b in p.layers
        ]


def test_plain_layers_arrive_compressed_and_are_reused_by_the_next_push(
    registry: WatchedRegistry, repository: Repository, tmp_path: Path
) -> None:
    path = SAMPLES["docker-legacy"].write(tmp_path)
    [first] = push_archive(path, [repository], ["1.2.3", "latest"])
    registry.forget()
    [second] = push_archive(path, [repository], ["1.2.4", "latest"])

    assert first.figures.blobs["uploaded"] > 0
    assert second.publication.digest == first.publication.digest
    assert second.figures.blobs["uploaded"] == 0
    assert registry.asked("POST") == []
    assert [each.path for each in registry.asked("PUT")] == ["/v2/team/app/manifests/1.2.4"]


def test_blobs_of_a_sibling_repository_are_mounted(registry: WatchedRegistry, tmp_path: Path) -> None:
    repositories = [Repository.parse(f"{registry.address}/team/{name}") for name in ("one", "two")]
    results = push_archive(SAMPLES["docker-legacy"].write(tmp_path), repositories, ["latest"])

    assert {result.publication.digest for result in results} == {results[0].publication.digest}
    assert results[1].figures.blobs["uploaded"] == 0
    assert results[1].figures.blobs["mounted"] == results[0].figures.blobs["uploaded"]
    for repository in repositories:
        validate(fetched(repository, "latest"))


def test_tags_come_after_all_content_and_moving_ones_last(
    registry: WatchedRegistry, repository: Repository, tmp_path: Path
) -> None:
    push_archive(SAMPLES["oci-index-of-indexes"].write(tmp_path), [repository], ["latest", "1.2.3", "1.2"])
    writes = [each.path.removeprefix("/v2/team/app/") for each in registry.exchanges if each.method in ("PUT", "PATCH")]
    tags = ["manifests/1.2.3", "manifests/latest", "manifests/1.2"]

    assert writes[-3:] == tags
    by_digest = [path.startswith("manifests/sha256:") for path in writes[:-3]]
    assert by_digest == sorted(by_digest), "blobs come before manifests"


def test_tags_of_all_repositories_come_after_the_content_of_the_last(registry: WatchedRegistry, tmp_path: Path) -> None:
    repositories = [Repository.parse(f"{registry.address}/team/{name}") for name in ("one", "two")]
    push_archive(SAMPLES["docker-legacy"].write(tmp_path), repositories, ["latest"])
    written = [each.path for each in registry.asked("PUT", "/manifests/")]

    assert written[-2:] == ["/v2/team/one/manifests/latest", "/v2/team/two/manifests/latest"]


def test_moved_tag_is_reported_with_what_it_pointed_at(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    [first] = push_archive(SAMPLES["oci-one"].write(tmp_path / "a"), [repository], ["latest"])
    [second] = push_archive(SAMPLES["docker-legacy"].write(tmp_path / "b"), [repository], ["latest", "1.2.3"])

    previous = {tag.name: tag.previous for tag in second.publication.tags}
    assert previous == {"latest": first.publication.digest, "1.2.3": None}


@pytest.mark.parametrize("name", ["docker-legacy", "docker-save-provenance"])
def test_failure_at_any_request_leaves_no_tag_on_an_incomplete_image(name: str, tmp_path: Path) -> None:
    path = SAMPLES[name].write(tmp_path)
    requests = _count_requests(path, tmp_path / "dry")
    failures = [failing for failing in range(requests) if not _push_with_denial(path, tmp_path / str(failing), failing)]

    # a question that is denied can be answered "unknown"; what writes cannot
    assert len(failures) > requests / 3


def _push_with_denial(path: Path, folder: Path, failing: int) -> bool:
    """Push with the request of this number denied, check what is left, push again; whether the first push went well."""
    folder.mkdir()
    calls = iter(range(10_000))
    with running_registry(folder, gate=lambda _: _DENIAL if next(calls) == failing else None) as registry:
        repository = Repository.parse(f"{registry.address}/team/app")
        went_well = True
        try:
            push_archive(path, [repository], ["1.2.3", "latest"])
        except CiPublishError:
            went_well = False
        _check_tags_are_whole(repository)
        [result] = push_archive(path, [repository], ["1.2.3", "latest"])
        assert fetched(repository, "latest").descriptor.digest == result.publication.digest
    return went_well


def _count_requests(path: Path, folder: Path) -> int:
    folder.mkdir()
    with running_registry(folder) as registry:
        push_archive(path, [Repository.parse(f"{registry.address}/team/app")], ["1.2.3", "latest"])
        return len(registry.exchanges)


_DENIAL = Answer(403, body=b'{"errors":[{"code":"DENIED","message":"told to fail"}]}')


def _check_tags_are_whole(repository: Repository) -> None:
    with connected(repository) as [target]:
        tags = [tag for tag in ("1.2.3", "latest") if target.registry.head_manifest(repository, tag)]
    for tag in tags:
        validate(fetched(repository, tag))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_passing_failures_are_tried_again(
    status: int, registry: WatchedRegistry, repository: Repository, tmp_path: Path
) -> None:
    for method in ("POST", "PATCH", "PUT"):
        registry.fail_next(method, "", status, headers={"Retry-After": "0"})
    push_archive(SAMPLES["docker-legacy"].write(tmp_path), [repository], ["latest"], options=PushOptions(retry_for=60))

    validate(fetched(repository, "latest"))


def test_blobs_that_the_registry_loses_are_brought_again(tmp_path: Path) -> None:
    path = SAMPLES["docker-legacy"].write(tmp_path)
    lost: list[str] = []

    def lose(call: Call) -> Answer | None:
        if lost or call.method != "PUT" or "/manifests/sha256:" not in call.path:
            return None
        storage = registry.server._storage
        assert storage
        for (digest,) in storage.catalogue._rows("SELECT digest FROM blobs WHERE repository = ?", "team/app"):
            lost.append(digest)
            storage.remove_blob("team/app", Digest.parse(digest))
        return Answer(400, body=b'{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown to registry"}]}')

    with running_registry(tmp_path, gate=lose) as registry:
        repository = Repository.parse(f"{registry.address}/team/app")
        push_archive(path, [repository], ["latest"])
        validate(fetched(repository, "latest"))

    assert len(lost) > 1


def test_refusal_is_not_tried_again(registry: WatchedRegistry, repository: Repository, tmp_path: Path) -> None:
    registry.fail_next("POST", "", 403, times=100)
    with pytest.raises(AuthError):
        push_archive(SAMPLES["oci-one"].write(tmp_path), [repository], ["latest"], options=PushOptions(retry_for=60))

    blobs = len(SAMPLES["oci-one"].files()) - 3
    assert len(registry.asked("POST")) <= blobs
    assert registry.asked("PUT") == []


def _with_wrong_content(path: Path) -> Path:
    """The archive with one byte changed in the first plain layer, whose name and place stay."""
    data = bytearray(path.read_bytes())
    with tarfile.open(fileobj=io.BytesIO(bytes(data))) as tar:
        layer = next(member for member in tar if member.name.endswith("layer.tar") and member.isreg() and member.size)
    data[layer.offset_data + layer.size - 1] ^= 1
    path.write_bytes(bytes(data))
    return path


@pytest.mark.parametrize("compression", ["gzip", "zstd", "none"])
def test_layer_other_than_its_diff_id_is_never_published(
    compression: str, registry: WatchedRegistry, repository: Repository, tmp_path: Path
) -> None:
    path = _with_wrong_content(SAMPLES["docker-legacy"].write(tmp_path))
    options = PushOptions(compression=compression, retry_for=60)  # type: ignore[arg-type]  # parametrized
    for _ in range(2):
        with pytest.raises(SourceError, match="diff_id"):
            push_archive(path, [repository], ["latest"], options=options)

    assert registry.asked("PUT", "/manifests/") == []


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_diff_ids_are_checked_although_the_registry_has_the_layers(
    compression: Compression, registry: WatchedRegistry, repository: Repository, tmp_path: Path
) -> None:
    honest, lying = Layout(), Layout()
    write_directory(tmp_path / "honest", honest.files(honest.image(compression=compression)))
    layers = [lying.add(compressed(layer, compression), OCI.layers[compression]) for layer in LAYERS[:2]]
    config_of_others = lying.add(config(LAYERS[1:3]), OCI.config)
    manifest = {"schemaVersion": 2, "mediaType": OCI.manifest, "config": config_of_others, "layers": layers}
    write_directory(tmp_path / "lying", lying.files(lying.add(encoded(manifest), OCI.manifest)))
    push_archive(tmp_path / "honest", [repository], ["latest"])
    registry.forget()
    with pytest.raises(SourceError, match="diff_id"):
        push_archive(tmp_path / "lying", [repository], ["latest"])

    assert registry.asked("PUT", "/manifests/") == []


def test_archive_cut_while_it_is_read_is_never_published(
    registry: WatchedRegistry, repository: Repository, tmp_path: Path
) -> None:
    path = SAMPLES["docker-legacy"].write(tmp_path)
    with open_source(path) as archive, connected(repository) as targets:
        [plan] = plan_archive(archive.image, targets, ["latest"])
        with path.open("r+b") as file:
            file.truncate(600)
        with pytest.raises(SourceError):
            push([plan], tag_plan([repository], ["latest"]), provenance=PROVENANCE, progress=Silence())

    assert registry.asked("PUT", "/manifests/") == []


def test_uploads_given_up_are_cancelled(registry: WatchedRegistry, repository: Repository, tmp_path: Path) -> None:
    path = _with_wrong_content(SAMPLES["docker-legacy"].write(tmp_path))
    with pytest.raises(SourceError):
        push_archive(path, [repository], ["latest"])

    assert registry.asked("DELETE", "/blobs/uploads/")


@pytest.mark.parametrize("compression", ["gzip", "zstd", "none"])
@pytest.mark.parametrize("media_types", ["oci", "docker"])
def test_every_form_of_layers_and_manifest_is_whole(
    compression: str, media_types: str, repository: Repository, tmp_path: Path
) -> None:
    options = PushOptions(compression=compression, media_types=media_types)  # type: ignore[arg-type]  # parametrized
    [result] = push_archive(SAMPLES["docker-legacy"].write(tmp_path), [repository], ["latest"], options=options)
    received = fetched(repository, "latest")
    validate(received)

    expected = "docker" if media_types == "docker" and compression != "zstd" else "oci"
    assert expected in result.publication.media_type
    assert received.platform == result.publication.platforms[0].platform


def test_digest_does_not_depend_on_the_number_of_jobs(tmp_path: Path) -> None:
    path = SAMPLES["docker-legacy"].write(tmp_path)
    digests = set()
    for jobs in (1, 4):
        folder = tmp_path / str(jobs)
        folder.mkdir()
        with running_registry(folder) as registry:
            repository = Repository.parse(f"{registry.address}/team/app")
            [result] = push_archive(path, [repository], ["latest"], options=PushOptions(jobs=jobs))
        digests.add(result.publication.digest)

    assert len(digests) == 1


def test_image_under_a_broken_tag_is_replaced(repository: Repository, tmp_path: Path) -> None:
    # a manifest that any registry takes, and no config that could be read for its layers
    with connected(repository) as [target]:
        session = target.registry.start_upload(repository)
        target.registry.finish_upload(session, Digest.of(b"no json"), body=b"no json")
        config = (
            f'{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{Digest.of(b"no json")}","size":7}}'
        )
        media_type = "application/vnd.oci.image.manifest.v1+json"
        manifest = f'{{"schemaVersion":2,"mediaType":"{media_type}","config":{config},"layers":[]}}'.encode()
        target.registry.put_manifest(repository, "latest", media_type, manifest)
    push_archive(SAMPLES["docker-legacy"].write(tmp_path), [repository], ["latest"])

    validate(fetched(repository, "latest"))
