"""The manifest in an answer, or what its headers say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_publish.errors import MalformedError, RegistryError
from ci_publish.oci import Descriptor, Digest
from ci_publish.oci.document import field, parse_object
from ci_publish.registry.destination import printable

if TYPE_CHECKING:
    import httpx

# What servers say that do not know what they serve.
_GENERIC_TYPES = frozenset({"", "application/json", "application/octet-stream", "text/plain"})


def described(answer: httpx.Response, ref: str | Digest) -> Descriptor | None:
    """The descriptor that the headers of an answer give; `None` when they do not suffice."""
    digest = ref if isinstance(ref, Digest) else said_digest(answer)
    media_type, size = _media_type(answer), said_size(answer)
    if digest is None or size is None or media_type in _GENERIC_TYPES:
        return None
    return Descriptor(media_type, digest, size)


def read_manifest(answer: httpx.Response, ref: str | Digest, *, what: str) -> tuple[Descriptor, bytes]:
    """The manifest in an answer, with its descriptor.

    Args:
        answer: with status 200, read.
        ref: what was asked for.
        what: its name in messages.

    Raises:
        RegistryError: the bytes do not have the digest that was asked for or that the registry says.
        MalformedError: neither the registry nor the manifest says what kind it is.
    """
    data = answer.content
    digest = ref if isinstance(ref, Digest) else said_digest(answer) or Digest.of(data)
    hasher = digest.hasher()
    hasher.update(data)
    if hasher.hexdigest() != digest.hex:
        raise RegistryError(
            f"the bytes that the registry gives for {what} do not have the digest {digest}",
            method="GET",
            url=printable(answer.url),
            status=answer.status_code,
        )
    media_type = _media_type(answer)
    if media_type in _GENERIC_TYPES:
        media_type = field(parse_object(data, what), "mediaType", str, what)
    return Descriptor(media_type, digest, len(data)), data


def said_digest(answer: httpx.Response) -> Digest | None:
    """The digest that an answer's header names; `None` without one that we can compute."""
    try:
        return Digest.parse(answer.headers.get("Docker-Content-Digest", ""))
    except MalformedError:
        return None


def said_size(answer: httpx.Response) -> int | None:
    """The size in bytes that an answer's header names."""
    text = answer.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _media_type(answer: httpx.Response) -> str:
    content_type: str = answer.headers.get("Content-Type", "")
    return content_type.partition(";")[0].strip().lower()
