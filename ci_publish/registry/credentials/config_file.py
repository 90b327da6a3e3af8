"""Docker's `config.json` and podman's `auth.json`, which share their form."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from ci_publish.errors import UsageError
from ci_publish.registry.credentials.credentials import Credentials, Found
from ci_publish.registry.credentials.helper_program import HelperProgram
from ci_publish.registry.credentials.lookup import Lookup
from ci_publish.registry.credentials.registry_key import canonical_key, matches, server_key

_MAX_SIZE = 4 * 1024 * 1024
_TOKEN = re.compile(r"[\x21-\x7e]+")

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """The parts of such a file that say who we are; its `repr` names the file alone.

    Args:
        name: the file, or the variable that holds its text, for people.
        document: all of it, so that it can be written back.
    """

    name: str
    document: JsonObject

    @classmethod
    def read(cls, path: Path) -> Self:
        """The file at this path; one that does not exist is empty.

        Raises:
            UsageError: it cannot be read, or is not a JSON object.
        """
        try:
            with path.open("rb") as stream:
                data = stream.read(_MAX_SIZE + 1)
        except (FileNotFoundError, NotADirectoryError):
            return cls(str(path), {})
        except OSError as error:
            raise UsageError(f"credentials cannot be read from {path}: {error.strerror}") from None
        if len(data) > _MAX_SIZE:
            raise UsageError(f"{path} is too large for a file of credentials")
        # an empty file is what `touch` makes of one that a container is to mount
        return cls.parse(data, str(path)) if data.strip() else cls(str(path), {})

    @classmethod
    def parse(cls, data: bytes | str, name: str) -> Self:
        """The file with this text.

        Raises:
            UsageError: it is not a JSON object.
        """
        try:
            document = json.loads(data)
        except (ValueError, RecursionError) as error:
            # the text holds secrets: only the place is named
            where = f", line {error.lineno} column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
            raise UsageError(f"{name} is not valid JSON{where}", hint="repair it, or remove it and log in") from None
        if not isinstance(document, dict):
            raise UsageError(f"{name} is not a JSON object")
        return cls(name, document)

    def find(self, lookup: Lookup) -> Found | None:
        """The credentials for a registry: of its helper, else of the file's general helper, else in the file.

        Raises:
            UsageError: a helper fails, or the entry for this registry is malformed.
        """
        helper = self.helper(lookup.host, lookup.environ)
        kept = helper.get(server_key(lookup.host)) if helper else None
        if helper and kept:
            return Found(kept, f"{helper.program}, which {self.name} names")
        for key, entry in matches(self.section("auths"), lookup.names()):
            credentials = self._decode(key, entry)
            # an empty entry only says that a helper has something
            if credentials:
                return Found(credentials, self.name)
        return None

    def helper(self, host: str, environ: Mapping[str, str]) -> HelperProgram | None:
        """The helper that keeps the credentials of this registry, where the file names one."""
        own = next((name for _, name in matches(self.section("credHelpers"), (canonical_key(host),))), None)
        name = own or self.document.get("credsStore")
        if name is not None and not isinstance(name, str):
            raise UsageError(f"{self.name} names a credential helper that is not text")
        return HelperProgram(name, self.name, environ) if name else None

    def section(self, name: str) -> JsonObject:
        """One object of the file; empty when there is none."""
        section = self.document.get(name)
        if section is None:
            return {}
        if not isinstance(section, dict):
            raise UsageError(f"{name!r} in {self.name} is not an object")
        return section

    def _decode(self, key: str, entry: object) -> Credentials | None:
        if not entry:
            return None
        if not isinstance(entry, dict):
            raise self._malformed(key)
        fields = {name: entry.get(name) or "" for name in _FIELDS}
        if not all(isinstance(value, str) for value in fields.values()):
            raise self._malformed(key)
        username, password = fields["username"], fields["password"]
        if fields["auth"]:
            username, password = self._split(key, fields["auth"])
        identity, bearer = fields["identitytoken"], fields["registrytoken"]
        if not (password or identity or bearer):
            return None
        # a line break would end the header that it is sent in, and errors about headers repeat them
        if bearer and not _TOKEN.fullmatch(bearer):
            raise self._malformed(key)
        return Credentials(username, password, identity_token=identity, registry_token=bearer)

    def _split(self, key: str, encoded: str) -> tuple[str, str]:
        encoded = encoded.strip().rstrip("=")
        try:
            decoded = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True).decode()
        except (binascii.Error, ValueError):
            raise self._malformed(key) from None
        # Docker once wrote NUL bytes at the end
        username, colon, password = decoded.rstrip("\0").partition(":")
        if not colon or not username:
            raise self._malformed(key)
        return username, password

    def _malformed(self, key: str) -> UsageError:
        return UsageError(
            f"the entry for {key[:200]} in {self.name} is malformed", hint=f"log in again: ci-publish login {key[:200]}"
        )

    def __repr__(self) -> str:
        return f"ConfigFile({self.name!r})"


_FIELDS = ("auth", "username", "password", "identitytoken", "registrytoken")
