"""The platform an image runs on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Self

from ci_publish.errors import UsageError
from ci_publish.oci.document import JsonObject, field, string_list

_PART = re.compile(r"[A-Za-z0-9_.-]+")
# Other spellings in use, as containerd's platforms package takes them.
_ARCHITECTURES = {
    "x86_64": ("amd64", ""),
    "x86-64": ("amd64", ""),
    "aarch64": ("arm64", ""),
    "armhf": ("arm", "v7"),
    "armel": ("arm", "v6"),
}
# The variant every image of the architecture has when it names none.
_DEFAULT_VARIANTS = {"arm64": "v8", "amd64": "v1"}


@dataclass(frozen=True, slots=True)
class Platform:
    """An operating system and a processor, in Go's names (image-spec image-index.md, "platform")."""

    os: str
    architecture: str
    variant: str = ""
    os_version: str = ""
    os_features: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The platform written as `os/architecture[/variant]`.

        Raises:
            UsageError: the text has another form.
        """
        parts = text.split("/")
        if not 2 <= len(parts) <= 3 or not all(map(_PART.fullmatch, parts)):
            raise UsageError(
                f"{text!r} is not a platform", hint="write os/architecture, such as linux/amd64 or linux/arm/v7"
            )
        return cls(parts[0], parts[1], "/".join(parts[2:])).normalized()

    @classmethod
    def from_json(cls, document: JsonObject, what: str) -> Self:
        """The platform in a descriptor's `platform` object or in an image config, which use the same names."""
        return cls(
            os=field(document, "os", str, what, required=False),
            architecture=field(document, "architecture", str, what, required=False),
            variant=field(document, "variant", str, what, required=False),
            os_version=field(document, "os.version", str, what, required=False),
            os_features=string_list(document, "os.features", what),
        )

    def to_json(self) -> JsonObject:
        """The `platform` object of a descriptor."""
        document: dict[str, Any] = {"architecture": self.architecture, "os": self.os}
        if self.os_version:
            document["os.version"] = self.os_version
        if self.os_features:
            document["os.features"] = list(self.os_features)
        if self.variant:
            document["variant"] = self.variant
        return document

    def normalized(self) -> Self:
        """The same platform under its usual names: `aarch64` is `arm64`, and so is `arm64/v8`."""
        architecture, variant = _ARCHITECTURES.get(self.architecture, (self.architecture, self.variant))
        variant = variant or self.variant
        if variant == _DEFAULT_VARIANTS.get(architecture):
            variant = ""
        return type(self)(self.os, architecture, variant, self.os_version, self.os_features)

    @property
    def is_known(self) -> bool:
        """Whether this names something that runs; attestations are filed under `unknown/unknown`."""
        return bool(self.os and self.architecture) and "unknown" not in (self.os, self.architecture)

    def __str__(self) -> str:
        return "/".join(filter(None, (self.os, self.architecture, self.variant)))
