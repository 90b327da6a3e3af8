"""Every sample, read: what holds for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_publish.sources import SOURCES, open_source
from tests.support.samples import SAMPLES
from tests.support.validate import validate


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_is_read_as_what_it_is(name: str, tmp_path: Path) -> None:
    sample = SAMPLES[name]
    with open_source(sample.write(tmp_path)) as archive:
        first = archive.images[0].image
        assert archive.kind == sample.kind
        assert tuple(item.names for item in archive.images) == sample.names
        assert tuple(str(image.platform) for image in first.platforms()) == sample.platforms
        assert first.composed == sample.composed
        for item in archive.images:
            validate(item.image)


def test_every_source_has_a_sample() -> None:
    assert {sample.kind for sample in SAMPLES.values()} == {source.kind for source in SOURCES}
