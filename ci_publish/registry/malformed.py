"""Documents of a registry that break the image specification: its failure, and not that of an archive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ci_publish.errors import MalformedError, RegistryError

# The distribution spec's name for it; who can go on without the document finds it in the error's codes.
MALFORMED = "MANIFEST_INVALID"


@contextmanager
def malformed_refused(host: str) -> Iterator[None]:
    """Turns what is malformed in a document of this registry into an error of the registry.

    Raises:
        RegistryError: instead of a `MalformedError`.
    """
    try:
        yield
    except MalformedError as error:
        raise RegistryError(
            f"{host} gave a malformed document: {error.message}", hint=error.hint, codes=(MALFORMED,)
        ) from None
