"""Credentials kept for later, where docker and podman find them."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ci_publish.errors import UsageError
from ci_publish.registry.credentials.config_file import ConfigFile, JsonObject
from ci_publish.registry.credentials.credentials import Credentials
from ci_publish.registry.credentials.docker_config import docker_config_path
from ci_publish.registry.credentials.registry_key import canonical_key, server_key


@dataclass(frozen=True, slots=True)
class Kept:
    """Where credentials were put.

    Args:
        where: a file or a helper, for people.
        is_plain: whether anyone who can read the file can read the password.
    """

    where: str
    is_plain: bool


@dataclass(frozen=True, slots=True)
class CredentialStore:
    """One file of credentials, and the helpers that it names.

    Args:
        path: the file, which need not exist.
        environ: the environment to run helpers in.
    """

    path: Path
    environ: Mapping[str, str]

    @classmethod
    def of(cls, environ: Mapping[str, str], home: Path) -> Self:
        """The file that `REGISTRY_AUTH_FILE` names, otherwise Docker's."""
        named = environ.get("REGISTRY_AUTH_FILE")
        return cls(Path(named) if named else docker_config_path(environ, home), environ)

    def save(self, host: str, credentials: Credentials) -> Kept:
        """Keep credentials for a registry, in place of older ones.

        Args:
            host: the registry.
            credentials: user name and password.

        Raises:
            UsageError: the file is malformed or cannot be written, or the helper fails.
        """
        file = ConfigFile.read(self.path)
        helper = file.helper(host, self.environ)
        auths = _without(file.section("auths"), host)
        if helper:
            helper.store(server_key(host), credentials)
            # Docker lists what its helper has by such empty entries
            self._write(file.document | {"auths": auths | {server_key(host): {}}})
            return Kept(helper.program, is_plain=False)
        encoded = credentials.basic().removeprefix("Basic ")
        self._write(file.document | {"auths": auths | {server_key(host): {"auth": encoded}}})
        return Kept(str(self.path), is_plain=True)

    def remove(self, host: str) -> bool:
        """Forget what is kept for a registry, and say whether anything was.

        Raises:
            UsageError: the file is malformed or cannot be written, or the helper fails.
        """
        file = ConfigFile.read(self.path)
        helper = file.helper(host, self.environ)
        was_helped = helper is not None and helper.get(server_key(host)) is not None
        if helper and was_helped:
            helper.erase(server_key(host))
        auths = file.section("auths")
        remaining = _without(auths, host)
        if remaining != auths:
            self._write(file.document | {"auths": remaining})
        return was_helped or remaining != auths

    def _write(self, document: JsonObject) -> None:
        # a link to a file kept elsewhere stays a link
        path = self.path.resolve()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(path, (json.dumps(document, indent="\t", ensure_ascii=False) + "\n").encode())
        except OSError as error:
            raise UsageError(f"credentials cannot be written to {self.path}: {error.strerror}") from None


def _without(auths: JsonObject, host: str) -> JsonObject:
    name = canonical_key(host)
    return {key: entry for key, entry in auths.items() if canonical_key(key) != name}


def _replace(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, all or nothing."""
    # mkstemp makes it readable by its owner alone
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
