"""The manifests that refer to another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_publish.errors import RegistryError
from ci_publish.oci import Descriptor, Digest, Index, parse_manifest
from ci_publish.oci.media_types import OCI_INDEX
from ci_publish.registry.paging import pages
from ci_publish.registry.scope import Scopes
from ci_publish.registry.transport import Transport

if TYPE_CHECKING:
    import httpx

# How registries without this part of the specification answer.
_UNSUPPORTED = frozenset({400, 404, 405, 406, 501})


def listed_referrers(transport: Transport, url: httpx.URL, *, scopes: Scopes) -> tuple[Descriptor, ...] | None:
    """The descriptors that the registry lists at this address; `None` when it knows no referrers.

    Source: distribution-spec, "Listing Referrers".
    """
    found: list[Descriptor] = []
    try:
        for answer in pages(transport, url, scopes=scopes):
            if answer.headers.get("Content-Type", "").partition(";")[0].strip() != OCI_INDEX:
                return None
            found += read_index(answer.content, "the list of referrers")
    except RegistryError as error:
        # ghcr.io has been seen to redirect this to web pages of GitHub
        is_elsewhere = bool(error.url) and not error.url.startswith(f"{transport.endpoint.url}/")
        if error.status in _UNSUPPORTED or is_elsewhere:
            return None
        raise
    return tuple(found)


def read_index(data: bytes, what: str) -> tuple[Descriptor, ...]:
    """The descriptors in an index; none when it is something else.

    Raises:
        MalformedError: it breaks the image specification.
    """
    index = parse_manifest(data, what)
    return index.manifests if isinstance(index, Index) else ()


def fallback_tag(digest: Digest) -> str:
    """The tag under which clients list the referrers of a digest where the registry does not.

    Source: distribution-spec, "Referrers Tag Schema".
    """
    return f"{digest.algorithm[:32]}-{digest.hex[:64]}"
