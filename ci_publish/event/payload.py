"""JSON objects from GitHub, read field by field because nobody vouches for their shape."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from ci_publish.errors import UsageError

# GitHub caps webhook payloads at 25 MB (docs: "Webhook events and payloads").
MAX_PAYLOAD_SIZE = 32 * 1024 * 1024

_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True)
class Payload:
    """One JSON object and what to call it in messages.

    Args:
        what: its name, such as `the event payload`.
        document: the parsed object.
    """

    what: str
    document: dict[str, Any]

    @classmethod
    def parse(cls, data: bytes, what: str) -> Self:
        """The object in these bytes.

        Raises:
            UsageError: too large, not JSON, or not an object.
        """
        if len(data) > MAX_PAYLOAD_SIZE:
            raise UsageError(f"{what} is larger than {MAX_PAYLOAD_SIZE} bytes")
        try:
            document = json.loads(data)
        except RecursionError:
            raise UsageError(f"{what} is nested too deeply") from None
        except ValueError as error:
            raise UsageError(f"{what} is not JSON: {error}") from None
        if not isinstance(document, dict):
            raise UsageError(f"{what} is not a JSON object")
        return cls(what, document)

    def text(self, *path: str) -> str:
        """The string at this path; empty when any part of the path is absent or null."""
        return self._find(path, str, default="")

    def number(self, *path: str) -> int:
        """The whole number at this path; 0 when absent."""
        return self._find(path, int, default=0)

    def object(self, *path: str) -> Payload:
        """The object at this path; an empty one when absent."""
        nothing: dict[str, Any] = {}
        return Payload(f"{'.'.join(path)} in {self.what}", self._find(path, dict, default=nothing))

    def objects(self, *path: str) -> tuple[Payload, ...]:
        """The objects in the list at this path; none when absent."""
        nothing: list[Any] = []
        items = self._find(path, list, default=nothing)
        name = f"{'.'.join(path)} in {self.what}"
        return tuple(Payload(name, item) for item in items if isinstance(item, dict))

    def _find(self, path: tuple[str, ...], kind: type[_Kind], *, default: _Kind) -> _Kind:
        value: Any = self.document
        for position, key in enumerate(path):
            if not isinstance(value, dict):
                raise UsageError(f"{'.'.join(path[:position])!r} in {self.what} is not an object")
            value = value.get(key)
            if value is None:
                return default
        # bool is an int in Python, but `true` is no number in JSON
        if not isinstance(value, kind) or isinstance(value, bool):
            raise UsageError(f"{'.'.join(path)!r} in {self.what} is not {_KIND_NAMES[kind]}")
        return value


_KIND_NAMES: dict[type, str] = {str: "a string", int: "a whole number", list: "a list", dict: "an object"}
