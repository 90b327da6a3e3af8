"""Which verb answers which method and path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from ci_publish.server import blob_push, discovery, management, manifest_push, pull
from ci_publish.server.exchange import Answer
from ci_publish.server.parameters import PARSERS
from ci_publish.server.refusal import Refusal
from ci_publish.server.request import Request
from ci_publish.server.storage import Storage

# Takes the storage, the request, and the path's parameters by name.
Verb = Callable[..., Answer]

# distribution-spec, "Endpoints". HEAD is answered as GET is, without the body.
ROUTES: tuple[tuple[str, str, Verb], ...] = (
    ("GET", "/v2/", pull.version),
    ("GET", "/v2/{repository}/blobs/{digest}", pull.blob),
    ("GET", "/v2/{repository}/manifests/{reference}", pull.manifest),
    ("POST", "/v2/{repository}/blobs/uploads/", blob_push.begin),
    ("GET", "/v2/{repository}/blobs/uploads/{session}", blob_push.status),
    ("PATCH", "/v2/{repository}/blobs/uploads/{session}", blob_push.append),
    ("PUT", "/v2/{repository}/blobs/uploads/{session}", blob_push.finish),
    ("DELETE", "/v2/{repository}/blobs/uploads/{session}", blob_push.cancel),
    ("PUT", "/v2/{repository}/manifests/{reference}", manifest_push.put),
    ("GET", "/v2/{repository}/tags/list", discovery.tags),
    ("GET", "/v2/{repository}/referrers/{digest}", discovery.referrers),
    ("DELETE", "/v2/{repository}/manifests/{reference}", management.delete_manifest),
    ("DELETE", "/v2/{repository}/blobs/{digest}", management.delete_blob),
)


def dispatch(storage: Storage, request: Request) -> Answer:
    """The answer of the verb that the request's method and path ask for.

    Raises:
        Refusal: there is no such verb, a parameter is malformed, or the verb refuses.
    """
    call = request.call
    matches = {method: (verb, match) for method, pattern, verb in _PATTERNS if (match := pattern.fullmatch(call.path))}
    if not matches:
        raise Refusal("UNSUPPORTED", "there is nothing at this path", status=404)
    method = "GET" if call.method == "HEAD" else call.method
    if method not in matches:
        raise Refusal("UNSUPPORTED", f"{call.method} is not for this path", headers={"Allow": _allowed(matches)})
    verb, match = matches[method]
    return verb(storage, request, **{name: PARSERS[name](text) for name, text in match.groupdict().items()})


def _allowed(methods: Iterable[str]) -> str:
    return ", ".join(sorted({"HEAD", *methods} if "GET" in methods else methods))


def _pattern(path: str) -> re.Pattern[str]:
    # a repository's name is the only parameter with slashes in it
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path.replace("{repository}", "(?P<repository>.+)")))


_PATTERNS = tuple((method, _pattern(path), verb) for method, path, verb in ROUTES)
