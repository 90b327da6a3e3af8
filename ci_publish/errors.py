"""The errors a user can meet, each with the exit code and the hint that go with it.

    CiPublishError          1  our bug
    ├── UsageError          2  wrong usage or input
    ├── SourceError         3  the archive is broken or not an image
    │   └── MalformedError  3  a manifest, index or config breaks its specification; see below
    ├── RegistryError       4  the registry or the network failed
    │   └── AuthError       5  not allowed: authentication or permission
    ├── PinError            6  pinning failed
    ├── DriftError          7  what is there is not what was recorded
    └── PolicyError         8  refused: a tag would move backwards or an immutable tag would change

Below the command line nobody catches these to go on; `cli` catches them once and prints
`error: …` and `hint: …`. `oci` cannot know where a document is from, so who reads one that is in no archive
turns a `MalformedError` into an error of its own class.
"""

from __future__ import annotations

from typing import ClassVar


class CiPublishError(Exception):
    """What went wrong, in one line, and optionally what to change.

    Args:
        message: one line, lower case, without a full stop.
        hint: what to change, as lines a user can paste where we know them.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(CiPublishError):
    """An option, a reference, a tag rule or a file given by the user is wrong."""

    exit_code = 2


class SourceError(CiPublishError):
    """The archive cannot be read, is incomplete, or holds no image."""

    exit_code = 3


class MalformedError(SourceError):
    """A document that should follow the image specification does not."""


class RegistryError(CiPublishError):
    """A registry answered with an error, or could not be reached.

    Args:
        message: one line, without credentials.
        method: HTTP method of the failed request, empty when there was none.
        url: its URL without query and user info, empty when there was none.
        status: HTTP status, `None` when no answer came.
        codes: the error codes of the answer's body, in upper case as the distribution spec has them.
        transient: whether the same request may succeed later, decided in `registry.transient`.
        retry_after: seconds to wait before that, when the registry says so.
    """

    exit_code = 4

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        method: str = "",
        url: str = "",
        status: int | None = None,
        codes: tuple[str, ...] = (),
        transient: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.method = method
        self.url = url
        self.status = status
        self.codes = codes
        self.transient = transient
        self.retry_after = retry_after


class AuthError(RegistryError):
    """The registry knows us not, or does not let us do this."""

    exit_code = 5


class PinError(CiPublishError):
    """A file that should be pinned cannot be read, understood or written."""

    exit_code = 6


class DriftError(CiPublishError):
    """A check found something other than what the record or the pins say."""

    exit_code = 7


class PolicyError(CiPublishError):
    """A tag would change against the rules the user set."""

    exit_code = 8
