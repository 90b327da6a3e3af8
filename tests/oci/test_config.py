from __future__ import annotations

import pytest

from ci_publish.errors import MalformedError
from ci_publish.oci import Digest, ImageConfig, Platform
from ci_publish.oci.document import canonical
from tests.support.archive_parts import LAYERS, config


def test_what_a_config_says_is_read() -> None:
    parsed = ImageConfig.parse(config(LAYERS, platform="linux/arm/v7", labels={"a": "b"}), "it")
    assert parsed.platform == Platform("linux", "arm", "v7")
    assert parsed.diff_ids == tuple(map(Digest.of, LAYERS))
    assert parsed.labels == {"a": "b"}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "has no 'rootfs'"),
        ({"rootfs": {"diff_ids": ["x"]}}, "is not a digest"),
        ({"rootfs": {"diff_ids": [1]}}, "other than strings"),
        ({"rootfs": []}, "is not an object"),
        ({"rootfs": {}, "config": {"Labels": {"a": 1}}}, "is not a string"),
        ({"rootfs": {}, "os": 1}, "is not a string"),
    ],
)
def test_what_breaks_the_specification_is_malformed(document: dict[str, object], message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        ImageConfig.parse(canonical(document), "it")


def test_null_is_absent_as_go_writes_it() -> None:
    parsed = ImageConfig.parse(canonical({"rootfs": {"diff_ids": None}, "config": {"Labels": None}}), "it")
    assert (parsed.diff_ids, parsed.labels) == ((), {})
