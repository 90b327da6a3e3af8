"""The content digest."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from ci_publish.errors import MalformedError

if TYPE_CHECKING:
    from hashlib import _Hash

# Hex lengths of the algorithms that can be computed here (image-spec descriptor.md, "Registered Algorithms").
HEX_LENGTH = {"sha256": 64, "sha512": 128}
_HEX = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """The name of some bytes: an algorithm and the lower-case hex of their hash.

    Raises:
        MalformedError: the algorithm is unknown, or the hex does not have its length.
    """

    algorithm: str
    hex: str

    def __post_init__(self) -> None:
        if self.algorithm not in HEX_LENGTH:
            known = ", ".join(HEX_LENGTH)
            raise MalformedError(f"digest algorithm {self.algorithm[:32]!r} is not known", hint=f"known: {known}")
        if len(self.hex) != HEX_LENGTH[self.algorithm] or not _HEX.fullmatch(self.hex):
            raise MalformedError(
                f"{self.hex[:140]!r} is not a {self.algorithm} digest",
                hint=f"write {HEX_LENGTH[self.algorithm]} hex digits in lower case after {self.algorithm}:",
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """The digest written as `algorithm:hex`."""
        algorithm, colon, encoded = text.partition(":")
        if not colon:
            raise MalformedError(f"{text[:140]!r} is not a digest", hint="write sha256: and 64 hex digits")
        return cls(algorithm, encoded)

    @classmethod
    def of(cls, data: bytes) -> Self:
        """The sha256 digest of these bytes."""
        return cls("sha256", hashlib.sha256(data).hexdigest())

    @classmethod
    def from_hasher(cls, hasher: _Hash) -> Self:
        """The digest of all that was fed to a `hashlib` object."""
        return cls(hasher.name, hasher.hexdigest())

    def hasher(self) -> _Hash:
        """A new, empty `hashlib` object of this digest's algorithm."""
        return hashlib.new(self.algorithm)

    @property
    def short(self) -> str:
        """The first twelve hex digits, for people."""
        return self.hex[:12]

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hex}"
