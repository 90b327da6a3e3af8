"""The image config: platform, diff_ids and labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from ci_publish.oci.digest import Digest
from ci_publish.oci.document import JsonObject, field, parse_object, string_list, string_map
from ci_publish.oci.platform import Platform


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """What the config of a runnable image says of it.

    Args:
        platform: what it runs on.
        diff_ids: digest of each layer's plain bytes, bottom layer first.
        labels: its labels.

    Source: image-spec config.md.
    """

    platform: Platform
    diff_ids: tuple[Digest, ...]
    labels: Mapping[str, str]

    @classmethod
    def parse(cls, data: bytes, what: str) -> Self:
        """The config in these bytes.

        Raises:
            MalformedError: it is not JSON, has no `rootfs.diff_ids`, or one of them is no digest.
        """
        document = parse_object(data, what)
        rootfs: JsonObject = field(document, "rootfs", dict, what)
        runtime: JsonObject = field(document, "config", dict, what, required=False)
        diff_ids = string_list(rootfs, "diff_ids", f"rootfs of {what}")
        return cls(
            platform=Platform.from_json(document, what),
            diff_ids=tuple(map(Digest.parse, diff_ids)),
            labels=string_map(runtime, "Labels", f"{what}'s config"),
        )
