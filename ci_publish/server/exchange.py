"""One request and its answer, as values."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BufferedReader
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Call:
    """A request without its body.

    Args:
        method: in upper case.
        path: percent-decoded, without the query.
        query: every value of each parameter, in the order they came.
        headers: names in lower case; several lines of one name are joined by `, `.
    """

    method: str
    path: str
    query: Mapping[str, tuple[str, ...]]
    headers: Mapping[str, str]

    def parameter(self, name: str) -> str | None:
        """The first value of a query parameter, `None` when it is not there."""
        return self.query[name][0] if name in self.query else None


@dataclass(frozen=True, slots=True)
class FileSlice:
    """Some bytes of an open file, sent without being read into memory; who sends them closes it."""

    file: BufferedReader
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back.

    Args:
        status: HTTP status.
        headers: a tuple stands for several lines of one name. `Content-Length` and `Connection` are not
            given here, they follow from the body.
        body: left out when it answers a HEAD.
    """

    status: int
    headers: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    body: bytes | FileSlice = b""

    @classmethod
    def json(cls, status: int, document: Any, headers: Mapping[str, str | tuple[str, ...]], *, media_type: str) -> Self:
        """An answer with a JSON body of this media type."""
        body = json.dumps(document, separators=(",", ":")).encode()
        return cls(status, {"Content-Type": media_type, **headers}, body)

    @property
    def length(self) -> int:
        """Bytes in the body."""
        return len(self.body) if isinstance(self.body, bytes) else self.body.length

    def close(self) -> None:
        """Close the file, if the body is in one."""
        if isinstance(self.body, FileSlice):
            self.body.file.close()


@dataclass(frozen=True, slots=True)
class Exchange:
    """What happened on one request.

    Args:
        method: of the request.
        path: of the request, percent-decoded, without the query.
        status: of the answer; 0 when the client left before there was one.
        received_bytes: of the request's body that were read.
        sent_bytes: of the answer's body that were sent.
    """

    method: str
    path: str
    status: int
    received_bytes: int
    sent_bytes: int


# Asked before each request is handled; what it returns is sent instead of the registry's own answer.
Gate = Callable[[Call], Answer | None]
# Told of each request after it was answered, from the thread that answered it.
Log = Callable[[Exchange], None]
