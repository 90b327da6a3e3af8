"""Names of repositories and of the images in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Self

from ci_publish.errors import MalformedError, UsageError
from ci_publish.oci.digest import Digest

DOCKER_HUB = "docker.io"
_HUB_ALIASES = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})

# distribution-spec, "Pulling manifests".
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{{1,5}})?")
# Host, slash and path together, as many clients and registries limit them.
_MAX_NAME = 255


@dataclass(frozen=True, slots=True)
class Repository:
    """A registry's host and the path of one repository in it.

    Args:
        registry: host and optional port; `docker.io` for Docker Hub.
        path: the path in the registry, in lower case.
        spelling: the name as its author wrote it, for output; not part of equality.

    Raises:
        UsageError: host or path break the grammar of the distribution spec.
    """

    registry: str
    path: str
    spelling: str = dataclass_field(default="", compare=False)

    def __post_init__(self) -> None:
        registry_host(self.registry)
        repository_path(self.path)
        if len(self.registry) + 1 + len(self.path) > _MAX_NAME:
            raise UsageError(f"the name {self.path[:40]!r}… is longer than {_MAX_NAME} characters")
        if not self.spelling:
            object.__setattr__(self, "spelling", str(self))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The repository a name stands for, by Docker's rules.

        Args:
            text: `[HOST[:PORT]/]PATH`; without a host it is Docker Hub's, and one word alone is in `library/`.

        Raises:
            UsageError: it has a scheme, a tag or a digest, or breaks the grammar.
        """
        if "://" in text:
            raise UsageError(f"{text!r} has a scheme", hint=f"leave out {text.partition('://')[0]}://")
        host, slash, path = text.partition("/")
        if not slash or not _looks_like_host(host):
            host, path = DOCKER_HUB, text
        if is_docker_hub(host):
            host, path = DOCKER_HUB, path if "/" in path else f"library/{path}"
        return cls(host, path, spelling=text)

    def __str__(self) -> str:
        return f"{self.registry}/{self.path}"


@dataclass(frozen=True, slots=True)
class Reference:
    """A repository with a tag, a digest, both or neither.

    Raises:
        UsageError: the tag breaks the grammar of the distribution spec.
    """

    repository: Repository
    tag: str | None = None
    digest: Digest | None = None

    def __post_init__(self) -> None:
        if self.tag is not None and not is_tag(self.tag):
            raise UsageError(f"{self.tag[:140]!r} is not a tag", hint=TAG_HINT)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The reference written as `NAME[:TAG][@DIGEST]`, with Docker's rules for NAME.

        Raises:
            UsageError: any part breaks its grammar.
        """
        name, at, digest = text.partition("@")
        # A colon after the last slash starts a tag; one before it belongs to the host's port.
        head, slash, last = name.rpartition("/")
        last, colon, tag = last.partition(":")
        try:
            parsed = Digest.parse(digest) if at else None
        except MalformedError as error:
            raise UsageError(f"{text[:200]!r}: {error.message}", hint=error.hint) from None
        return cls(Repository.parse(f"{head}{slash}{last}"), tag if colon else None, parsed)

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.repository}{tag}{digest}"


TAG_HINT = "a tag has up to 128 of A-Z a-z 0-9 _ . - and starts with a letter, a digit or _"


def is_tag(text: str) -> bool:
    """Whether a registry accepts this as a tag."""
    return _TAG.fullmatch(text) is not None


def is_docker_hub(host: str) -> bool:
    """Whether this is one of Docker Hub's names, of which references use `docker.io`."""
    return host in _HUB_ALIASES


def registry_host(text: str) -> str:
    """The registry that a host names, with its port if it has one; `docker.io` for every name of Docker Hub.

    Raises:
        UsageError: this is not a host.
    """
    if not _HOST.fullmatch(text):
        raise UsageError(f"{text!r} is not the host of a registry", hint="write HOST or HOST:PORT, such as ghcr.io")
    return DOCKER_HUB if is_docker_hub(text) else text


def repository_path(text: str) -> str:
    """The text, which is the path of a repository in its registry.

    Raises:
        UsageError: it breaks the grammar of the distribution spec.
    """
    if not _PATH.fullmatch(text):
        raise UsageError(f"{text!r} is not the name of a repository", hint=_name_hint(text))
    if len(text) > _MAX_NAME:
        raise UsageError(f"the name {text[:40]!r}… is longer than {_MAX_NAME} characters")
    return text


def _looks_like_host(text: str) -> bool:
    # Docker's rule: a name's first part is a host when it could not be a Hub account.
    return "." in text or ":" in text or text == "localhost" or text != text.lower()


def _name_hint(path: str) -> str:
    if path != path.lower() and _PATH.fullmatch(path.lower()):
        return f"names of repositories are in lower case: {path.lower()}"
    return "parts of lower-case letters and digits, joined by . _ or -, and separated by /"
