"""Programs that keep credentials, such as the system's keychain: `docker-credential-NAME`."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from ci_publish.errors import UsageError
from ci_publish.registry.credentials.credentials import IDENTITY_USER, Credentials
from ci_publish.registry.error_body import clean

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# Keychains may ask the user; one that waits longer than this waits for nobody.
_TIMEOUT = 60.0
# What helpers print, on stdout, for a registry that they know nothing of.
_NOT_FOUND = ("credentials not found", "no credentials server url", "no credentials username")


@dataclass(frozen=True, slots=True)
class HelperProgram:
    """One such program.

    Args:
        name: what follows `docker-credential-`.
        named_by: the file that names it.
        environ: the environment to run it in; its `PATH` says where programs are.

    Source: docker/docker-credential-helpers.
    """

    name: str
    named_by: str
    environ: Mapping[str, str]

    @property
    def program(self) -> str:
        """The program's name."""
        return f"docker-credential-{self.name}"

    def get(self, server: str) -> Credentials | None:
        """The credentials it keeps under this key.

        Raises:
            UsageError: it is not installed, failed, or printed something else.
        """
        done = self._run("get", server)
        if done.returncode:
            if any(text in done.stdout.lower() for text in _NOT_FOUND):
                return None
            raise self._failed("get", done)
        try:
            answer = json.loads(done.stdout)
            username, secret = str(answer["Username"] or ""), str(answer["Secret"] or "")
        except (ValueError, KeyError, TypeError, RecursionError):
            # what it printed may hold the secret: it is not repeated
            raise UsageError(f"{self.program} printed something that is not credentials") from None
        if not secret:
            return None
        if username == IDENTITY_USER:
            return Credentials(username, identity_token=secret)
        return Credentials(username, secret)

    def store(self, server: str, credentials: Credentials) -> None:
        """Have it keep credentials under this key."""
        secret = credentials.password or credentials.identity_token
        done = self._run("store", json.dumps({"ServerURL": server, "Username": credentials.username, "Secret": secret}))
        if done.returncode:
            raise self._failed("store", done)

    def erase(self, server: str) -> None:
        """Have it forget what it keeps under this key."""
        done = self._run("erase", server)
        if done.returncode and not any(text in done.stdout.lower() for text in _NOT_FOUND):
            raise self._failed("erase", done)

    def _run(self, action: str, data: str) -> subprocess.CompletedProcess[str]:
        hint = f"{self.named_by} names it: install it, or remove it there"
        if not _NAME.fullmatch(self.name):
            raise UsageError(f"{self.named_by} names a credential helper that cannot be: {self.name[:100]!r}")
        path = shutil.which(self.program, path=self.environ.get("PATH"))
        if path is None:
            raise UsageError(f"the credential helper {self.program} is not installed", hint=hint)
        try:
            return subprocess.run(  # noqa: S603 - a program of the user's own choice, found in PATH
                [path, action],
                input=data,
                capture_output=True,
                timeout=_TIMEOUT,
                env=dict(self.environ),
                check=False,
                encoding="utf-8",
                errors="replace",
            )
        except subprocess.TimeoutExpired:
            raise UsageError(f"the credential helper {self.program} did not answer within a minute") from None
        except OSError as error:
            raise UsageError(f"the credential helper {self.program} cannot run: {error.strerror}", hint=hint) from None

    def _failed(self, action: str, done: subprocess.CompletedProcess[str]) -> UsageError:
        said = clean(done.stderr or done.stdout) or f"exit code {done.returncode}"
        return UsageError(
            f"the credential helper {self.program} failed to {action}: {said}", hint=f"{self.named_by} names it"
        )
