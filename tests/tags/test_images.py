import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import UsageError
from ci_publish.tags.images import image_names, parse_images


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("a/b", ("a/b",)),
        ("a/b,c/d", ("a/b", "c/d")),
        ("a/b,", ("a/b",)),
        ('"a/b,c/d"', ("a/b", "c/d")),
        ("a/b\nc/d", ("a/b", "c/d")),
        ("a/b,c/d\ne/f", ("c/d", "e/f")),
        ("name=a/b", ("a/b",)),
        ("NAME=a/b,enable=true\nname=c/d,enable=false", ("a/b",)),
        ("# c\nghcr.io/Acme/Widget", ("ghcr.io/Acme/Widget",)),
    ],
)
def test_names(text: str, expected: tuple[str, ...]) -> None:
    assert image_names(text) == expected


@pytest.mark.parametrize("text", ["name=", "tag=x", "a/b,foo=bar", "name=a,enable=1", "a/b\n,", '"a'])
def test_what_is_wrong_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        image_names(text)


def test_repositories_are_in_lower_case_and_each_once() -> None:
    repositories = parse_images(["ghcr.io/Acme/Widget", "ghcr.io/acme/widget", "acme/widget"])
    assert [repository.spelling for repository in repositories] == ["ghcr.io/acme/widget", "acme/widget"]


@pytest.mark.parametrize("name", ["", "a b", "https://ghcr.io/x", "ghcr.io/{{branch}}/x", "a/b:tag", "-a"])
def test_what_no_registry_takes_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        parse_images([name])


@given(text=st.text(alphabet='ab/,=\n"name enable', max_size=30))
def test_any_text_gives_names_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert all(image_names(text))
