"""Whose credentials a command uses."""

from __future__ import annotations

import pytest

from ci_publish.cli import connection


@pytest.mark.parametrize("host", ["registry", "localhost", "ghcr.io"])
def test_a_password_is_for_the_host_as_it_was_given(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv(connection.PASSWORD_VARIABLE, "secret")
    account = connection._account("me", host, from_stdin=False)
    # one word alone is a host here, and would be a name at Docker Hub in a reference
    assert account is not None
    assert account.host == host
