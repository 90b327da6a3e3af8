"""The descriptor: what a blob is, without the blob."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any, Self

from ci_publish.errors import MalformedError
from ci_publish.oci.digest import Digest
from ci_publish.oci.document import JsonObject, field, string_list, string_map
from ci_publish.oci.media_types import is_foreign
from ci_publish.oci.platform import Platform

# Sizes are int64 in the specification.
_MAX_SIZE = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Descriptor:
    """Media type, digest and size in bytes of some content, with what an index or layout adds to it.

    Source: image-spec descriptor.md.
    """

    media_type: str
    digest: Digest
    size: int
    platform: Platform | None = None
    annotations: Mapping[str, str] = dataclass_field(default_factory=dict, hash=False)
    urls: tuple[str, ...] = ()
    artifact_type: str = ""

    @classmethod
    def from_json(cls, document: JsonObject, what: str) -> Self:
        """The descriptor in a parsed JSON object.

        Args:
            document: the object.
            what: its name in messages, such as `layer 3 of the manifest`.

        Raises:
            MalformedError: media type, digest or size is missing or malformed.
        """
        size: int = field(document, "size", int, what)
        if not 0 <= size <= _MAX_SIZE:
            raise MalformedError(f"{what} has the impossible size {size}")
        platform: JsonObject = field(document, "platform", dict, what, required=False)
        return cls(
            media_type=field(document, "mediaType", str, what),
            digest=Digest.parse(field(document, "digest", str, what)),
            size=size,
            platform=Platform.from_json(platform, f"platform of {what}") if platform else None,
            annotations=string_map(document, "annotations", what),
            urls=string_list(document, "urls", what),
            artifact_type=field(document, "artifactType", str, what, required=False),
        )

    def to_json(self) -> JsonObject:
        """The JSON object of this descriptor, keys in a fixed order."""
        document: dict[str, Any] = {"mediaType": self.media_type, "digest": str(self.digest), "size": self.size}
        if self.urls:
            document["urls"] = list(self.urls)
        if self.annotations:
            document["annotations"] = dict(sorted(self.annotations.items()))
        if self.platform:
            document["platform"] = self.platform.to_json()
        if self.artifact_type:
            document["artifactType"] = self.artifact_type
        return document

    @property
    def is_foreign(self) -> bool:
        """Whether the content stays where its `urls` say, and only this descriptor is published."""
        return is_foreign(self.media_type)
