"""Archives with random damage: refused with an error of ours, or read."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ci_publish.errors import SourceError
from ci_publish.oci import Digest
from ci_publish.sources import open_source
from tests.support.samples import SAMPLES
from tests.support.validate import read_all

# One of each way to be read; the rest differs in names only.
SHAPES = (
    "docker-legacy",
    "docker-25",
    "docker-mixed-layers",
    "docker-pax-long-names",
    "oci-index",
    "nix",
    "docker-zstd",
)


@cache
def content(name: str) -> bytes:
    sample = SAMPLES[name]
    assert sample.wrap
    return sample.wrap(sample.files())


@pytest.mark.parametrize("name", SHAPES)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_never_ends_in_another_error(name: str, tmp_path: Path, data: st.DataObject) -> None:
    damaged = bytearray(content(name))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    length = data.draw(st.sampled_from([len(damaged), len(damaged) // 2]) | st.integers(0, len(damaged)))
    path = tmp_path / "damaged"
    path.write_bytes(damaged[:length])
    try:
        archive = open_source(path)
    except SourceError:
        return
    with archive:
        for item in archive.images:
            for image in item.image.walk():
                assert Digest.of(image.manifest) == image.descriptor.digest
                assert all(len(read_all(blob)) == blob.descriptor.size for blob in image.blobs)


@given(st.binary(max_size=3000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_noise_is_refused(tmp_path: Path, noise: bytes) -> None:
    path = tmp_path / "noise"
    path.write_bytes(noise)
    with pytest.raises(SourceError):
        open_source(path)
