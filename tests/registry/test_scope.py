from __future__ import annotations

from ci_publish.oci import Repository
from ci_publish.registry.scope import Scope, cover, delete, pull, push

REPOSITORY = Repository("ghcr.io", "owner/image")
OTHER = Repository("ghcr.io", "owner/other")


def test_a_scope_is_written_as_token_services_read_it() -> None:
    assert str(pull(REPOSITORY)) == "repository:owner/image:pull"
    assert str(push(REPOSITORY)) == "repository:owner/image:pull,push"
    assert str(delete(REPOSITORY)) == "repository:owner/image:pull,delete"


def test_the_right_to_push_covers_the_right_to_pull_from_the_same_repository_only() -> None:
    assert push(REPOSITORY).covers(pull(REPOSITORY))
    assert not pull(REPOSITORY).covers(push(REPOSITORY))
    assert not push(OTHER).covers(pull(REPOSITORY))
    assert not push(REPOSITORY).covers(Scope("owner", ("pull",)))


def test_scopes_together_cover_what_one_of_them_covers() -> None:
    assert cover([push(REPOSITORY), pull(OTHER)], [pull(OTHER), pull(REPOSITORY)])
    assert not cover([push(REPOSITORY)], [pull(REPOSITORY), pull(OTHER)])
    assert cover([], [])
