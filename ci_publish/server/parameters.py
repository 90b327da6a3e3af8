"""What stands in paths and queries, parsed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ci_publish.errors import MalformedError, UsageError
from ci_publish.oci import Digest
from ci_publish.oci.reference import repository_path
from ci_publish.server.refusal import Refusal


def parse_repository(text: str) -> str:
    """The name of a repository.

    Raises:
        Refusal: NAME_INVALID.
    """
    try:
        return repository_path(text)
    except UsageError as error:
        raise Refusal("NAME_INVALID", error.message, detail=error.hint) from None


def parse_digest(text: str) -> Digest:
    """A digest of an algorithm that can be computed here.

    Raises:
        Refusal: DIGEST_INVALID.
    """
    try:
        return Digest.parse(text)
    except MalformedError as error:
        raise Refusal("DIGEST_INVALID", error.message, detail=error.hint) from None


def parse_reference(text: str) -> Digest | str:
    """A digest, or what may be a tag: one that cannot exist is simply not found.

    Raises:
        Refusal: DIGEST_INVALID.
    """
    return parse_digest(text) if ":" in text else text


# The names that the paths of `routes` use.
PARSERS: dict[str, Callable[[str], Any]] = {
    "repository": parse_repository,
    "digest": parse_digest,
    "reference": parse_reference,
    "session": str,
}
