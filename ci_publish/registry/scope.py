"""The right to do something in a repository, as token services name it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ci_publish.oci import Repository


@dataclass(frozen=True, slots=True)
class Scope:
    """Some actions on one repository.

    Args:
        path: the repository's path in its registry.
        actions: `pull`, `push`, `delete`, in that order.

    Source: distribution docs/content/spec/auth/scope.md.
    """

    path: str
    actions: tuple[str, ...]

    def covers(self, other: Scope) -> bool:
        """Whether who may do this may also do the other."""
        return self.path == other.path and set(self.actions) >= set(other.actions)

    def __str__(self) -> str:
        return f"repository:{self.path}:{','.join(self.actions)}"


# Order matters: some registries grant the first scope of a request only.
Scopes = tuple[Scope, ...]


def pull(repository: Repository) -> Scope:
    """To read."""
    return Scope(repository.path, ("pull",))


def push(repository: Repository) -> Scope:
    """To read and to write."""
    return Scope(repository.path, ("pull", "push"))


def delete(repository: Repository) -> Scope:
    """To read and to delete."""
    return Scope(repository.path, ("pull", "delete"))


def cover(granted: Iterable[Scope], wanted: Iterable[Scope]) -> bool:
    """Whether each wanted scope is covered by a granted one."""
    granted = tuple(granted)
    return all(any(scope.covers(want) for scope in granted) for want in wanted)
