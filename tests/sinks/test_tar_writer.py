"""The archive on disk: complete or not there."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from ci_publish.errors import SourceError, UsageError
from ci_publish.oci import Blob, Descriptor, Digest, Image
from ci_publish.oci.compose import compose_index
from ci_publish.sinks import write_archive
from ci_publish.sources import open_source
from tests.support.samples import SAMPLES


def image_of(tmp_path: Path) -> Image:
    """An image whose blobs are in memory."""
    with open_source(SAMPLES["oci-one"].write(tmp_path)) as archive:
        blobs = []
        for blob in archive.image.blobs:
            with blob.open() as stream:
                blobs.append(replace(blob, open=partial(io.BytesIO, stream.read())))
        return replace(archive.image, blobs=tuple(blobs))


def with_bytes(image: Image, data: bytes) -> Image:
    """The same image, whose first layer gives other bytes."""
    config, first, *others = image.blobs
    return replace(image, blobs=(config, replace(first, open=lambda: io.BytesIO(data)), *others))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data[:-1], "bytes where"),
        (lambda data: data + b"x", "more than"),
        (lambda data: bytes([data[0] ^ 1]) + data[1:], "has the digest"),
    ],
)
def test_wrong_bytes_leave_what_was_there(change: object, message: str, tmp_path: Path) -> None:
    assert callable(change)
    image = image_of(tmp_path)
    with image.layers[0].open() as stream:
        wrong = with_bytes(image, change(stream.read()))
    target = tmp_path / "target"
    target.mkdir()
    (target / "image.tar").write_bytes(b"before")
    with pytest.raises(SourceError, match=message):
        write_archive(wrong, target / "image.tar", kind="oci", names=())
    assert [path.name for path in target.iterdir()] == ["image.tar"]
    assert (target / "image.tar").read_bytes() == b"before"


def test_interruption_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(KeyboardInterrupt):
        write_archive(image_of(tmp_path), target / "image.tar", kind="oci", names=(), on_bytes=interrupt)
    assert list(target.iterdir()) == []


def test_all_bytes_are_reported(tmp_path: Path) -> None:
    image = image_of(tmp_path)
    counted: list[int] = []
    write_archive(image, tmp_path / "image.tar", kind="oci", names=(), on_bytes=counted.append)
    documents = len(b'{"imageLayoutVersion":"1.0.0"}')
    with open_source(tmp_path / "image.tar") as archive:
        assert archive.image.size() == image.size()
    assert sum(counted) > image.size() + documents


def test_short_reads_are_put_together(tmp_path: Path) -> None:
    class Dripping(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 7))

    image = image_of(tmp_path)
    with image.layers[0].open() as stream:
        data = stream.read()
    config, first, *others = image.blobs
    dripping = replace(image, blobs=(config, replace(first, open=lambda: Dripping(data)), *others))
    write_archive(dripping, tmp_path / "one.tar", kind="both", names=())
    write_archive(image, tmp_path / "two.tar", kind="both", names=())
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


def test_no_folder_is_the_users_to_make(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        write_archive(image_of(tmp_path), tmp_path / "none" / "image.tar", kind="oci", names=())


def test_manifests_are_filed_under_the_digest_that_names_them(tmp_path: Path) -> None:
    image = image_of(tmp_path)
    hasher = Digest("sha512", "0" * 128).hasher()
    hasher.update(image.manifest)
    descriptor = replace(image.descriptor, digest=Digest.from_hasher(hasher))
    write_archive(replace(image, descriptor=descriptor), tmp_path / "image.tar", kind="oci", names=("app:1",))
    with open_source(tmp_path / "image.tar") as archive:
        assert archive.image.descriptor.digest == descriptor.digest


def test_docker_archive_of_an_index_is_refused_with_its_platforms(tmp_path: Path) -> None:
    image = image_of(tmp_path)
    index = compose_index([image])
    with pytest.raises(UsageError, match="linux/amd64") as caught:
        write_archive(index, tmp_path / "image.tar", kind="docker", names=())
    assert caught.value.hint is not None
    assert "--platform linux/amd64" in caught.value.hint
    assert not (tmp_path / "image.tar").exists()


def test_docker_archive_of_an_artifact_is_refused(tmp_path: Path) -> None:
    image = image_of(tmp_path)
    other = Blob.of(b"{}", "application/vnd.example")
    with pytest.raises(UsageError, match="artifact"):
        write_archive(replace(image, blobs=(other,)), tmp_path / "image.tar", kind="docker", names=())


def test_foreign_layer_is_left_where_it_is(tmp_path: Path) -> None:
    with open_source(SAMPLES["oci-foreign"].write(tmp_path)) as archive:
        foreign: Descriptor = archive.image.layers[0].descriptor
        write_archive(archive.image, tmp_path / "image.tar", kind="both", names=())
    with open_source(tmp_path / "image.tar") as archive:
        assert archive.image.layers[0].descriptor == foreign
        with pytest.raises(SourceError, match="not in the archive"):
            archive.image.layers[0].open()
