"""The version of the running program."""

from __future__ import annotations


def version_text() -> str:
    """The installed version, or `0+source` when run from a checkout that was never installed."""
    # costs 20 ms, so it is imported only by those who ask
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("ci-publish")
    except PackageNotFoundError:
        return "0+source"
