from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import UsageError
from ci_publish.oci import Digest, Reference, Repository
from ci_publish.oci.reference import DOCKER_HUB, is_tag, registry_host

DIGEST = "sha256:" + "0f" * 32

components = st.from_regex(r"[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}", fullmatch=True)
paths = st.lists(components, min_size=1, max_size=4).map("/".join)
hosts = st.sampled_from(
    ["ghcr.io", "localhost", "localhost:5000", "127.0.0.1:80", "[::1]:5000", "Registry.Example.org"]
)
tags = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", fullmatch=True)
digests = st.binary(max_size=4).map(Digest.of)
references = st.builds(Reference, st.builds(Repository, hosts, paths), st.none() | tags, st.none() | digests)


@given(references)
def test_parse_reads_what_str_writes(reference: Reference) -> None:
    assert Reference.parse(str(reference)) == reference


@given(st.text() | st.text("abA.:/@-_", max_size=20))
def test_any_text_is_a_reference_or_wrong_usage(text: str) -> None:
    try:
        reference = Reference.parse(text)
    except UsageError:
        return
    assert Reference.parse(str(reference)) == reference


@pytest.mark.parametrize(
    ("text", "registry", "path"),
    [
        ("app", "docker.io", "library/app"),
        ("docker.io/app", "docker.io", "library/app"),
        ("index.docker.io/library/app", "docker.io", "library/app"),
        ("registry-1.docker.io/team/app", "docker.io", "team/app"),
        ("team/app", "docker.io", "team/app"),
        ("localhost/app", "localhost", "app"),
        ("localhost:5000/a/b/c", "localhost:5000", "a/b/c"),
        ("ghcr.io/owner/app", "ghcr.io", "owner/app"),
        ("Registry/app", "Registry", "app"),
        ("[::1]:5000/app", "[::1]:5000", "app"),
    ],
)
def test_repositories_are_named_by_dockers_rules(text: str, registry: str, path: str) -> None:
    repository = Repository.parse(text)
    assert (repository.registry, repository.path) == (registry, path)
    assert repository.spelling == text


@pytest.mark.parametrize(
    ("text", "tag", "digest"),
    [
        ("app", None, None),
        ("app:1.2", "1.2", None),
        ("localhost:5000/app", None, None),
        ("localhost:5000/app:v1", "v1", None),
        (f"app@{DIGEST}", None, DIGEST),
        (f"localhost:5000/app:v1@{DIGEST}", "v1", DIGEST),
    ],
)
def test_tag_and_digest_are_told_from_the_port(text: str, tag: str | None, digest: str | None) -> None:
    reference = Reference.parse(text)
    assert reference.tag == tag
    assert reference.digest == (Digest.parse(digest) if digest else None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "app:",
        "app@",
        "app@sha256:00",
        ":tag",
        "app:-x",
        "app:" + "x" * 129,
        "app:täg",
        "https://ghcr.io/owner/app",
        "ghcr.io/Owner/app",
        "ghcr.io//app",
        "ghcr.io/app/",
        "ghcr.io/a..b",
        "ghcr.io/../app",
        "ghcr.io/app name",
        "ghcr.io/app\n",
        "user:password@ghcr.io/app",
        "ghcr.io/" + "a" * 260,
    ],
)
def test_what_breaks_the_grammar_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError):
        Reference.parse(text)


@pytest.mark.parametrize("host", ["docker.io", "index.docker.io", "registry-1.docker.io"])
def test_docker_hub_has_one_host(host: str) -> None:
    assert registry_host(host) == Repository.parse(f"{host}/team/app").registry == DOCKER_HUB


@pytest.mark.parametrize("host", ["myhost", "localhost", "ghcr.io", "127.0.0.1:5000", "[::1]:5000"])
def test_a_host_alone_is_never_a_name_at_docker_hub(host: str) -> None:
    assert registry_host(host) == host


def test_upper_case_is_explained() -> None:
    with pytest.raises(UsageError) as caught:
        Reference.parse("ghcr.io/Owner/App:1")
    assert "owner/app" in (caught.value.hint or "")


@given(st.text(max_size=200))
def test_a_tag_is_one_for_repositories_too(text: str) -> None:
    repository = Repository.parse("ghcr.io/a/b")
    if is_tag(text):
        assert Reference.parse(f"{repository}:{text}") == Reference(repository, text)
    else:
        with pytest.raises(UsageError):
            Reference(repository, text)
