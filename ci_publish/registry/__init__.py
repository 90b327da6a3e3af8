"""Registries: one method per verb of the distribution spec, authentication, credentials, diagnosis."""

from __future__ import annotations

from collections.abc import Iterable

from ci_publish.oci import Repository
from ci_publish.registry.auth import RegistryAuth
from ci_publish.registry.client import Registry
from ci_publish.registry.credentials import Credentials
from ci_publish.registry.endpoint import Endpoint
from ci_publish.registry.malformed import MALFORMED
from ci_publish.registry.remote_image import fetch_image
from ci_publish.registry.settings import Settings
from ci_publish.registry.transport import Transport, open_client
from ci_publish.registry.upload_session import UploadSession

__all__ = ["MALFORMED", "Credentials", "Registry", "Settings", "UploadSession", "connect", "fetch_image"]


def connect(
    host: str, *, settings: Settings, credentials: Credentials | None, push_to: Iterable[Repository] = ()
) -> Registry:
    """A registry, ready to be asked; nothing is sent yet. Close it, or use it in a `with` statement.

    Args:
        host: host and optional port, as references have it.
        settings: how to speak to it.
        credentials: who we are there; `None` for nobody in particular.
        push_to: repositories that will be written to, see `Registry`.

    Raises:
        UsageError: this is no host, or the settings name files that cannot be used.
    """
    endpoint = Endpoint.of(host, plain_http=settings.plain_http)
    auth = RegistryAuth(endpoint, credentials, clock=settings.clock, on_token=settings.on_token)
    return Registry(Transport(endpoint, auth, open_client(endpoint, settings), settings), push_to=push_to)
