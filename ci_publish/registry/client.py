"""A registry: one method for each verb of the distribution spec."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, BinaryIO, Self

import httpx

from ci_publish.errors import AuthError, RegistryError, UsageError
from ci_publish.oci import Descriptor, Digest, Repository
from ci_publish.oci.document import MAX_DOCUMENT_SIZE, field, parse_object
from ci_publish.oci.media_types import DOCKER_INDEX, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST
from ci_publish.oci.reference import TAG_HINT, is_tag
from ci_publish.registry import scope
from ci_publish.registry.answer_stream import AnswerStream
from ci_publish.registry.destination import printable
from ci_publish.registry.malformed import malformed_refused
from ci_publish.registry.manifest_answer import described, read_manifest, said_digest, said_size
from ci_publish.registry.paging import pages
from ci_publish.registry.referrers import fallback_tag, listed_referrers, read_index
from ci_publish.registry.scope import Scope
from ci_publish.registry.transport import SlicedBody, Transport
from ci_publish.registry.upload_session import UploadSession

# Without the kinds of index a registry may pick an image for us.
_ACCEPT = f"{OCI_INDEX}, {OCI_MANIFEST}, {DOCKER_INDEX}, {DOCKER_MANIFEST}"
_BYTES = "application/octet-stream"
# Statuses beside the specification's that registries in use give for success.
_CHUNK_TAKEN = (202, 201, 204, 200)
_UPLOAD_DONE = (201, 204, 202, 200)
_MANIFEST_TAKEN = (201, 200, 202)
_DELETED = (202, 200, 204)
# More is refused by some registries; fewer is one's right.
_PAGE_SIZE = 1000


class Registry:
    """A registry, spoken to as the distribution spec 1.1 has it; safe to use from several threads.

    Every method raises `AuthError` when the registry does not let us, and `RegistryError` when it answers
    otherwise than hoped or not at all; `transient` on the error says whether trying again may help.

    Args:
        transport: the connection to it; closed with this.
        push_to: repositories that will be written to. Their tokens are asked for with the right to push from
            the first request on: ghcr.io denies the right to pull from a package that does not exist yet,
            and one token serves the whole push.
    """

    def __init__(self, transport: Transport, *, push_to: Iterable[Repository] = ()) -> None:
        self._transport = transport
        self._endpoint = transport.endpoint
        self._push_to = frozenset(push_to)
        # destination and source between which we have no right to mount: asking once is enough
        self._unmountable: set[tuple[Repository, Repository]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transport.__exit__(kind, error, trace)

    @property
    def host(self) -> str:
        """Its name in references."""
        return self._endpoint.host

    def ping(self) -> None:
        """Return when this is a registry that lets us in (spec: end-1)."""
        answer = self._transport.send(httpx.Request("GET", f"{self._endpoint.url}/v2/"), scopes=(), accept=(200,))
        if "html" in answer.headers.get("Content-Type", ""):
            raise RegistryError(
                f"{self.host} answered with a web page: that is not a registry", url=self._endpoint.url, status=200
            )

    def blob_size(self, repository: Repository, digest: Digest) -> int | None:
        """The size of a blob in bytes; `None` when the repository does not hold it, or does not say (spec: end-2)."""
        request = httpx.Request("HEAD", self._url(repository, "blobs", str(digest)))
        try:
            answer = self._transport.send(request, scopes=(self._reading(repository),), accept=(200, 404))
        except AuthError as error:
            if error.status != httpx.codes.FORBIDDEN:
                raise
            # Artifactory says 403 for what is not there; an upload will show whether we may.
            return None
        return None if answer.status_code == httpx.codes.NOT_FOUND else said_size(answer)

    def open_blob(self, repository: Repository, digest: Digest, *, start: int = 0) -> BinaryIO:
        """A stream of a blob's bytes, which nobody has checked against the digest (spec: end-2).

        Args:
            repository: where it is.
            digest: its name.
            start: how many bytes to leave out at its beginning.
        """
        headers = {"Range": f"bytes={start}-"} if start else {}
        request = httpx.Request("GET", self._url(repository, "blobs", str(digest)), headers=headers)
        response = self._transport.open(request, scopes=(self._reading(repository),), accept=(200, 206))
        # a registry need not know ranges
        return AnswerStream.open(response, skip=start if response.status_code == httpx.codes.OK else 0)

    def mount_blob(self, repository: Repository, digest: Digest, *, source: Repository) -> UploadSession | None:
        """Have the repository hold a blob that another repository of this registry holds (spec: end-11).

        Returns:
            `None` when it does now; otherwise an upload of that blob, because the registry would not mount it.
        """
        url = self._url(repository, "blobs/uploads", "").copy_merge_params({"mount": str(digest), "from": source.path})
        request = httpx.Request("POST", url)
        scopes = (scope.push(repository), scope.pull(source))
        if (repository, source) in self._unmountable:
            return self.start_upload(repository)
        try:
            answer = self._transport.send(request, scopes=scopes, accept=(201, 202))
        except RegistryError as error:
            # Whatever stood in the way of mounting (a right to the source, an unknown source, a registry that
            # cannot): uploading works without it, or fails with a better reason.
            if isinstance(error, AuthError):
                self._unmountable.add((repository, source))
            return self.start_upload(repository)
        if answer.status_code == httpx.codes.CREATED:
            return None
        return UploadSession.from_answer(repository, answer, self._endpoint)

    def start_upload(self, repository: Repository) -> UploadSession:
        """A new upload (spec: end-4a)."""
        request = httpx.Request("POST", self._url(repository, "blobs/uploads", ""))
        answer = self._transport.send(request, scopes=(scope.push(repository),), accept=(202,))
        return UploadSession.from_answer(repository, answer, self._endpoint)

    def send_chunk(self, session: UploadSession, body: Iterable[bytes], *, size: int | None) -> UploadSession:
        """The upload after it took these bytes, in one request (spec: end-5, without Content-Range).

        A range would make some registries, ghcr.io among them, limit the request to some MiB.

        Args:
            session: the upload.
            body: gives the same bytes each time it is iterated, in blocks of any size.
            size: how many bytes; `None` when only the end will tell.
        """
        request = httpx.Request("PATCH", session.location, content=SlicedBody(body), headers=_sized(size))
        scopes = (scope.push(session.repository),)
        answer = self._transport.send(request, scopes=scopes, accept=_CHUNK_TAKEN)
        return session.continued(answer, self._endpoint)

    def finish_upload(
        self, session: UploadSession, digest: Digest, *, body: Iterable[bytes] | bytes = b"", size: int | None = None
    ) -> None:
        """Have the repository hold what was uploaded under this digest (spec: end-6).

        Args:
            session: the upload.
            digest: of all its bytes, with those of `body`.
            body: the last bytes, or all of them; iterable again as in `send_chunk`.
            size: how many bytes `body` gives, when it is not `bytes`; `None` when only the end will tell.
        """
        if isinstance(body, bytes):
            body, size = (body,), len(body)
        request = httpx.Request("PUT", session.closing(digest), content=SlicedBody(body), headers=_sized(size))
        scopes = (scope.push(session.repository),)
        answer = self._transport.send(request, scopes=scopes, accept=_UPLOAD_DONE)
        _check_digest(answer, digest, self.host)

    def cancel_upload(self, session: UploadSession) -> None:
        """Tell the registry that no more will come; it need not care (spec: "Cancelling an upload")."""
        request = httpx.Request("DELETE", session.location)
        try:
            self._transport.send(request, scopes=(scope.delete(session.repository),), accept=_DELETED)
        except RegistryError:
            # On purpose: registries forget abandoned uploads by themselves, and several, ghcr.io among them,
            # do not know this request. Nothing depends on it.
            return

    def head_manifest(self, repository: Repository, ref: str | Digest) -> Descriptor | None:
        """What a tag or digest names; `None` when nothing, or nothing that we may see (spec: end-3)."""
        request = httpx.Request("HEAD", self._url(repository, "manifests", _ref(ref)), headers={"Accept": _ACCEPT})
        try:
            answer = self._transport.send(request, scopes=(self._reading(repository),), accept=(200, 404))
        except AuthError as error:
            # 403 as in blob_size; otherwise GET tells why, because an answer to HEAD has no body
            return None if error.status == httpx.codes.FORBIDDEN else self.get_manifest(repository, ref)[0]
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        # the header with the digest is optional before 1.1: the bytes tell it too
        return described(answer, ref) or self.get_manifest(repository, ref)[0]

    def get_manifest(self, repository: Repository, ref: str | Digest) -> tuple[Descriptor, bytes]:
        """A manifest with its descriptor, checked against its digest (spec: end-3)."""
        request = httpx.Request("GET", self._url(repository, "manifests", _ref(ref)), headers={"Accept": _ACCEPT})
        scopes = (self._reading(repository),)
        answer = self._transport.send(request, scopes=scopes, accept=(200,), limit=MAX_DOCUMENT_SIZE)
        with malformed_refused(self.host):
            return read_manifest(answer, ref, what=f"{repository} {ref}")

    def put_manifest(self, repository: Repository, ref: str | Digest, media_type: str, data: bytes) -> None:
        """Have the repository hold a manifest under a tag or its digest (spec: end-7)."""
        url = self._url(repository, "manifests", _ref(ref))
        request = httpx.Request("PUT", url, content=data, headers={"Content-Type": media_type})
        answer = self._transport.send(request, scopes=(scope.push(repository),), accept=_MANIFEST_TAKEN)
        _check_digest(answer, ref if isinstance(ref, Digest) else Digest.of(data), self.host)

    def delete_manifest(self, repository: Repository, ref: str | Digest) -> None:
        """Have the repository forget a manifest, or a tag where the registry can (spec: end-9)."""
        self._delete(repository, self._url(repository, "manifests", _ref(ref)))

    def delete_blob(self, repository: Repository, digest: Digest) -> None:
        """Have the repository forget a blob (spec: end-10)."""
        self._delete(repository, self._url(repository, "blobs", str(digest)))

    def tags(self, repository: Repository) -> Iterator[str]:
        """The repository's tags, in the registry's order (spec: end-8)."""
        url = self._url(repository, "tags", "list").copy_merge_params({"n": _PAGE_SIZE})
        for answer in pages(self._transport, url, scopes=(self._reading(repository),)):
            what = f"the list of tags of {repository}"
            with malformed_refused(self.host):
                names: list[Any] = field(parse_object(answer.content, what), "tags", list, what, required=False)
            yield from (name for name in names if isinstance(name, str) and is_tag(name))

    def referrers(self, repository: Repository, digest: Digest, *, artifact_type: str = "") -> tuple[Descriptor, ...]:
        """The manifests whose subject is this digest (spec: end-12, with its fallback tag).

        Args:
            repository: where to look.
            digest: of the subject.
            artifact_type: only those of this type.
        """
        url = self._url(repository, "referrers", str(digest))
        if artifact_type:
            url = url.copy_merge_params({"artifactType": artifact_type})
        with malformed_refused(self.host):
            found = listed_referrers(self._transport, url, scopes=(self._reading(repository),))
            if found is None:
                found = self._tagged_referrers(repository, digest)
        # a registry need not filter
        return tuple(item for item in found if not artifact_type or item.artifact_type == artifact_type)

    def _tagged_referrers(self, repository: Repository, digest: Digest) -> tuple[Descriptor, ...]:
        try:
            found, data = self.get_manifest(repository, fallback_tag(digest))
        except RegistryError as error:
            if error.status == httpx.codes.NOT_FOUND:
                return ()
            raise
        # GitLab takes such a tag for the digest itself
        return () if found.digest == digest else read_index(data, f"the referrers of {repository}@{digest}")

    def _delete(self, repository: Repository, url: httpx.URL) -> None:
        self._transport.send(httpx.Request("DELETE", url), scopes=(scope.delete(repository),), accept=_DELETED)

    def _reading(self, repository: Repository) -> Scope:
        return scope.push(repository) if repository in self._push_to else scope.pull(repository)

    def _url(self, repository: Repository, kind: str, name: str) -> httpx.URL:
        if repository.registry != self.host:
            raise UsageError(f"{repository} is not in the registry {self.host}")
        return httpx.URL(f"{self._endpoint.url}/v2/{repository.path}/{kind}/{name}")


def _sized(size: int | None) -> dict[str, str]:
    # without a length httpx sends the body in chunked coding
    return {"Content-Type": _BYTES} | ({} if size is None else {"Content-Length": str(size)})


def _ref(ref: str | Digest) -> str:
    if isinstance(ref, str) and not is_tag(ref):
        raise UsageError(f"{ref[:140]!r} is not a tag", hint=TAG_HINT)
    return str(ref)


def _check_digest(answer: httpx.Response, expected: Digest, host: str) -> None:
    # the header is optional, and may be of another algorithm
    said = said_digest(answer)
    if said and said.algorithm == expected.algorithm and said != expected:
        raise RegistryError(
            f"{host} stored {said} where {expected} was sent",
            method=answer.request.method,
            url=printable(answer.url),
            status=answer.status_code,
        )
