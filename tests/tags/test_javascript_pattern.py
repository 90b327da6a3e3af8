import contextlib
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import UsageError
from ci_publish.tags.javascript_pattern import javascript_pattern


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "expected"),
    [
        (r"v(\d+)", "", "v12", ("12",)),
        (r"(?<major>\d+)\.\k<major>", "", "7.7", ("7",)),
        (r"(?<=v)(\d)(?!\d)", "", "v1", ("1",)),
        (r"(?:a|b)(c)", "", "bc", ("c",)),
        (r"(a{,3})", "", "a{,3}", ("a{,3}",)),
        (r"(a{2})", "", "aa", ("aa",)),
        (r"(\Z\A)", "", "ZA", ("ZA",)),
        (r"(\/)", "", "/", ("/",)),
        (r"([[a])", "", "[", ("[",)),
        (r"([a&&b])", "", "&", ("&",)),
        (r"([^])", "", "x", ("x",)),
        (r"([\w.-]+)", "", "a.b-c", ("a.b-c",)),
        (r"(.*)", "is", "a\nb", ("a\nb",)),
        (r"(V)", "i", "v", ("v",)),
        (r"^(b)$", "m", "a\nb", ("b",)),
        (r"(a+?)a", "", "aaa", ("a",)),
    ],
)
def test_it_means_what_javascript_means(pattern: str, flags: str, text: str, expected: tuple[str, ...]) -> None:
    match = javascript_pattern(pattern, flags).search(text)
    assert match is not None
    assert match.groups() == expected


@pytest.mark.parametrize(("pattern", "text"), [("a$", "a\n"), ("[]", "a"), (r"\d", "٣"), ("^a", "\na"), (r"^\Z", "")])
def test_it_does_not_mean_what_python_means(pattern: str, text: str) -> None:
    assert javascript_pattern(pattern).search(text) is None


@pytest.mark.parametrize(
    "pattern",
    ["(", "[a", "a**", "a++", "a*+", "(?i)a", "(?P<x>a)", "(?>a)", "(?#a)", "(?<=a*)b", r"\k<x>", "\\", "a" * 2000],
)
def test_what_javascript_or_python_cannot_do_is_refused(pattern: str) -> None:
    with pytest.raises(UsageError, match="regular expression"):
        javascript_pattern(pattern)


@pytest.mark.parametrize("flags", ["y", "ii", "x", "gi "])
def test_unknown_flags_are_refused(flags: str) -> None:
    with pytest.raises(UsageError, match="flags"):
        javascript_pattern("a", flags)


@given(pattern=st.text(alphabet=r"ab01[]{}()\^$*+?.,|&~-<>:=!kdwZ", max_size=12))
def test_any_text_is_a_pattern_or_a_usage_error(pattern: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with contextlib.suppress(UsageError):
            javascript_pattern(pattern).search("v1.2.3")
