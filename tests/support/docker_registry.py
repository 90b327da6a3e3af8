"""CNCF distribution, which Debian packages as docker-registry, as a server for one test."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.certificates import KeyPair
from tests.support.programs import require_program
from tests.support.token_issuer import ISSUER, SERVICE, TokenIssuer

_LISTENING = re.compile(r"listening on (127\.0\.0\.1:\d+)")
_PATIENCE_SECONDS = 30


@contextmanager
def docker_registry(
    folder: Path, *, auth: Mapping[str, Any] | None = None, server: KeyPair | None = None
) -> Iterator[str]:
    """`HOST:PORT` of a registry that runs inside the block.

    Args:
        folder: of the test; its storage and configuration go there.
        auth: the `auth` section of its configuration; `htpasswd_auth` or `token_auth` make one.
        server: what it shows in TLS; without it, it speaks http.
    """
    program = require_program("docker-registry", install="apt-get install docker-registry")
    config = folder / "registry.json"
    # JSON is YAML
    config.write_text(json.dumps(_configuration(folder, auth, server)), encoding="utf-8")
    with subprocess.Popen(
        [str(program), "serve", str(config)], stderr=subprocess.STDOUT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield _address(process)
        finally:
            process.terminate()
            process.wait(_PATIENCE_SECONDS)


def htpasswd_auth(folder: Path, user: str, password: str) -> Mapping[str, Any]:
    """Basic authentication of one user."""
    program = require_program("htpasswd", install="apt-get install apache2-utils")
    file = folder / "htpasswd"
    command = [str(program), "-i", "-B", "-C", "4", "-c", str(file), user]
    subprocess.run(command, input=password, text=True, capture_output=True, check=True)
    return {"htpasswd": {"realm": "tests", "path": str(file)}}


def token_auth(folder: Path, issuer: TokenIssuer) -> Mapping[str, Any]:
    """Authentication by the tokens of a running issuer."""
    certificate, _ = issuer.pair.write(folder, "issuer")
    facts = {"realm": issuer.url, "service": SERVICE, "issuer": ISSUER, "rootcertbundle": str(certificate)}
    return {"token": facts}


def _configuration(folder: Path, auth: Mapping[str, Any] | None, server: KeyPair | None) -> dict[str, Any]:
    http: dict[str, Any] = {"addr": "127.0.0.1:0", "secret": "of the tests"}
    if server:
        certificate, key = server.write(folder, "server")
        http["tls"] = {"certificate": str(certificate), "key": str(key)}
    return {
        "version": 0.1,
        "log": {"level": "info", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(folder / "registry")}, "delete": {"enabled": True}},
        "http": http,
        # foreign layers are taken from these addresses only
        "validation": {"manifests": {"urls": {"allow": ["^https?://"]}}},
        **({"auth": dict(auth)} if auth else {}),
    }


def _address(process: subprocess.Popen[str]) -> str:
    lines: list[str] = []
    assert process.stdout
    for line in process.stdout:
        lines.append(line)
        if match := _LISTENING.search(line):
            # its output is read to the end, so that it never waits for us
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return match.group(1)
    raise AssertionError("docker-registry did not start:\n" + "".join(lines))
