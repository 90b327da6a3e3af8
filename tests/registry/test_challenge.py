from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.registry.challenge import Challenge, parse_challenges

TOKENS = st.text(string.ascii_letters + string.digits + "!#$%&'*+.^_`|~-", min_size=1, max_size=12)
# what a header may hold, RFC 9110 §5.5
TEXTS = st.text([chr(code) for code in (9, *range(32, 127), *range(0xA1, 0x100))], max_size=30)
PARAMETERS = st.dictionaries(TOKENS.map(str.lower), TEXTS, max_size=4)
CHALLENGES = st.builds(Challenge, TOKENS.map(str.lower), PARAMETERS)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def written(challenge: Challenge) -> str:
    return f"{challenge.scheme} " + ", ".join(f"{key}={quoted(text)}" for key, text in challenge.parameters.items())


@given(st.lists(CHALLENGES, max_size=4))
def test_challenges_in_one_line_are_read_back(challenges: list[Challenge]) -> None:
    assert parse_challenges([", ".join(map(written, challenges))]) == tuple(challenges)


@given(st.lists(CHALLENGES, max_size=4))
def test_challenges_in_lines_of_their_own_are_read_back(challenges: list[Challenge]) -> None:
    assert parse_challenges(map(written, challenges)) == tuple(challenges)


@given(st.lists(st.text(), max_size=3))
def test_any_text_gives_some_challenges(values: list[str]) -> None:
    for challenge in parse_challenges(values):
        assert challenge.scheme
        assert challenge.scheme == challenge.scheme.lower()


GHCR = 'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:user/image:pull,push"'
BEARER = Challenge(
    "bearer", {"realm": "https://ghcr.io/token", "service": "ghcr.io", "scope": "repository:user/image:pull,push"}
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (GHCR, [BEARER]),
        ('Basic realm="Registry"', [Challenge("basic", {"realm": "Registry"})]),
        ("Basic", [Challenge("basic")]),
        ("Negotiate, Basic realm=x", [Challenge("negotiate"), Challenge("basic", {"realm": "x"})]),
        (
            "Negotiate YII+/w==, Basic realm=x",
            [Challenge("negotiate", {}, "YII+/w=="), Challenge("basic", {"realm": "x"})],
        ),
        (f'BASIC REALM="a, b" , {GHCR}', [Challenge("basic", {"realm": "a, b"}), BEARER]),
        (f"{GHCR}, Basic realm=x", [BEARER, Challenge("basic", {"realm": "x"})]),
        (r'Basic realm="say \"hi\" \\o/"', [Challenge("basic", {"realm": r'say "hi" \o/'})]),
        ('Basic realm = "x" ,, charset = UTF-8', [Challenge("basic", {"realm": "x", "charset": "UTF-8"})]),
        ('Bearer realm="a" service="b"', [Challenge("bearer", {"realm": "a", "service": "b"})]),
        ('Bearer realm="a", realm="b"', [Challenge("bearer", {"realm": "a"})]),
        ('Bearer realm="unterminated', [Challenge("bearer")]),
        ("", []),
        (", ,", []),
        ('"quoted"', []),
    ],
)
def test_challenges_as_registries_write_them(value: str, expected: list[Challenge]) -> None:
    assert parse_challenges([value]) == tuple(expected)


def test_a_long_hostile_header_is_read_in_time() -> None:
    # quadratic reading would take minutes
    assert len(parse_challenges(["a=" * 50_000])) <= 1
    assert len(parse_challenges(['x y="' + "\\" * 100_000])) <= 1
    assert len(parse_challenges(["a ," * 50_000])) == 50_000
