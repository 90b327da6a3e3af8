"""Answers that come in pages."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from ci_publish.errors import RegistryError
from ci_publish.oci.document import MAX_DOCUMENT_SIZE
from ci_publish.registry.destination import printable, resolve, same_origin
from ci_publish.registry.link import next_page
from ci_publish.registry.scope import Scopes
from ci_publish.registry.transport import Transport

_MAX_PAGES = 10_000
# Of all pages together: a million tags have some 20 MB.
_MAX_BYTES = 256 * 1024 * 1024


def pages(transport: Transport, url: httpx.URL, *, scopes: Scopes) -> Iterator[httpx.Response]:
    """Each page of a list, fetched when it is asked for (spec: "Listing Tags").

    Args:
        transport: the connection.
        url: the first page.
        scopes: what the request needs.

    Raises:
        RegistryError: a page failed, or its link leads to another host, back, or on without end.
    """
    seen: set[httpx.URL] = set()
    size = 0
    while url not in seen and len(seen) < _MAX_PAGES and size <= _MAX_BYTES:
        seen.add(url)
        answer = transport.send(httpx.Request("GET", url), scopes=scopes, accept=(200,), limit=MAX_DOCUMENT_SIZE)
        size += len(answer.content)
        yield answer
        link = next_page(answer.headers.get_list("Link"))
        if link is None:
            return
        following = resolve(link, base=url, endpoint=transport.endpoint)
        if not same_origin(following, url):
            break
        url = following
    raise RegistryError(f"{transport.endpoint.host} lists without end", method="GET", url=printable(url), status=200)
