"""An upload under way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from ci_publish.errors import RegistryError
from ci_publish.oci import Digest, Repository
from ci_publish.registry.destination import printable, resolve
from ci_publish.registry.endpoint import Endpoint
from ci_publish.registry.tokens import extend_query

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class UploadSession:
    """Where the next bytes of a blob go.

    Args:
        repository: what the blob is uploaded to.
        location: the address of the upload, which may hold secrets; each answer can change it.
    """

    repository: Repository
    location: httpx.URL

    @classmethod
    def from_answer(cls, repository: Repository, response: httpx.Response, endpoint: Endpoint) -> UploadSession:
        """The session that an answer names.

        Raises:
            RegistryError: it names none, or one where we may not go.
        """
        location = response.headers.get("Location", "")
        if not location:
            raise RegistryError(
                f"{endpoint.host} accepted an upload but did not say where to",
                method=response.request.method,
                url=printable(response.url),
                status=response.status_code,
            )
        return cls(repository, resolve(location, base=response.url, endpoint=endpoint))

    def continued(self, response: httpx.Response, endpoint: Endpoint) -> UploadSession:
        """The session after an answer, which need not name it again."""
        if "Location" not in response.headers:
            return self
        return self.from_answer(self.repository, response, endpoint)

    def closing(self, digest: Digest) -> httpx.URL:
        """The address that ends the upload under this digest."""
        return extend_query(self.location, f"digest={quote(str(digest), safe='')}")

    def __repr__(self) -> str:
        return f"UploadSession({self.repository}, {printable(self.location)})"
