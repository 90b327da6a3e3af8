"""What is made of a Docker archive."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_publish.errors import SourceError
from ci_publish.oci.image import is_plain_layer
from ci_publish.oci.media_types import OCI, layer_compression
from ci_publish.sources import open_source
from tests.support import docker_shapes
from tests.support.archive_parts import LAYERS, digest, tar
from tests.support.samples import SAMPLES


def test_plain_layers_stand_under_their_diff_id(tmp_path: Path) -> None:
    with open_source(SAMPLES["docker-legacy"].write(tmp_path)) as archive:
        assert all(map(is_plain_layer, archive.image.layers))
        assert [str(layer.descriptor.digest) for layer in archive.image.layers] == [
            digest(LAYERS[n]) for n in (0, 1, 0)
        ]


def test_each_layer_is_taken_for_what_its_bytes_are(tmp_path: Path) -> None:
    with open_source(SAMPLES["docker-mixed-layers"].write(tmp_path)) as archive:
        kinds = [layer_compression(layer.descriptor.media_type) for layer in archive.image.layers]
        assert kinds == ["none", "gzip", "zstd"]
        assert all(layer.descriptor.media_type in OCI.layers.values() for layer in archive.image.layers)


def test_names_of_files_do_not_change_the_image(tmp_path: Path) -> None:
    digests = set()
    for number, pattern in enumerate(("{digest}.tar", "{digest}/layer.tar", "x{digest}", "blobs/sha256/{digest}")):
        path = tmp_path / str(number)
        path.write_bytes(tar(docker_shapes.docker_files(name=pattern, config_name=f"config{number}")))
        with open_source(path) as archive:
            digests.add(archive.image.descriptor.digest)
    assert len(digests) == 1


def test_a_layout_that_docker_made_up_is_not_used(tmp_path: Path) -> None:
    with open_source(SAMPLES["docker-25.0.0"].write(tmp_path)) as archive:
        assert [str(layer.descriptor.digest) for layer in archive.image.layers] == [digest(each) for each in LAYERS[:2]]


def test_images_share_layers(tmp_path: Path) -> None:
    with open_source(SAMPLES["docker-several"].write(tmp_path)) as archive:
        first, second = (item.image for item in archive.images)
        assert first.layers[1] is not second.layers[0]
        assert first.layers[1].descriptor == second.layers[0].descriptor


def test_a_foreign_layer_keeps_its_descriptor(tmp_path: Path) -> None:
    with open_source(SAMPLES["docker-windows"].write(tmp_path)) as archive:
        base, top = archive.image.layers
        assert base.descriptor.is_foreign
        assert base.descriptor.urls
        assert is_plain_layer(top)
        with pytest.raises(SourceError, match="foreign layer"):
            base.open()
