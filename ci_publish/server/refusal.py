"""The refusals of the distribution spec, and how they look on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ci_publish.server.exchange import Answer

# distribution-spec, "Error Codes", with the status that each one has where the spec names no other.
STATUS = {
    "BLOB_UNKNOWN": 404,
    "BLOB_UPLOAD_INVALID": 400,
    "BLOB_UPLOAD_UNKNOWN": 404,
    "DIGEST_INVALID": 400,
    "MANIFEST_BLOB_UNKNOWN": 400,
    "MANIFEST_INVALID": 400,
    "MANIFEST_UNKNOWN": 404,
    "NAME_INVALID": 400,
    "NAME_UNKNOWN": 404,
    "SIZE_INVALID": 400,
    "UNAUTHORIZED": 401,
    "DENIED": 403,
    "UNSUPPORTED": 405,
    "TOOMANYREQUESTS": 429,
    # not of the spec, which leaves 5xx open: our disk failed, not the client
    "UNKNOWN": 500,
}


class Refusal(Exception):  # noqa: N818 - it is an answer the spec asks for, not a failure of ours
    """A request that the registry answers with an error.

    Args:
        code: one of the spec's error codes.
        message: for people.
        detail: JSON data that lets a client act on it, such as the digests that are missing.
        status: where the spec asks for another one than the code's own.
        headers: more headers of the answer.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        detail: Any = None,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail
        self.status = STATUS[code] if status is None else status
        self.headers = headers or {}

    def answer(self) -> Answer:
        """The answer in the form that the spec gives errors."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.detail is not None:
            error["detail"] = self.detail
        return Answer.json(self.status, {"errors": [error]}, self.headers, media_type="application/json")
