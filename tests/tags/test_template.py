import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import UsageError
from ci_publish.tags.template import Scope, Template

SCOPE: Scope = {
    "branch": "feat/a&b",
    "empty": "",
    "yes": True,
    "no": False,
    "zero": 0,
    "nothing": None,
    "list": ["a", "b"],
    "none": [],
    "inner": {"x": "deep"},
    "echo": lambda arguments, options: f"{list(arguments)}{dict(options)}",
    "now": lambda arguments, options: "later",
}


def render(source: str) -> str:
    return Template.parse(source).render(SCOPE)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ""),
        ("text", "text"),
        ("{branch}", "{branch}"),
        ("a}}b", "a}}b"),
        ("{{branch}}", "feat/a&b"),
        ("{{{branch}}}", "feat/a&b"),
        ("{{&branch}}", "feat/a&b"),
        ("{{ branch }}-{{branch}}", "feat/a&b-feat/a&b"),
        ('{{"branch"}}{{[branch]}}', "feat/a&bfeat/a&b"),
        ("{{this.branch}}{{./branch}}", "feat/a&bfeat/a&b"),
        ("{{unknown}}{{unknown.x}}{{constructor}}", ""),
        ("{{inner.x}}{{inner/x}}{{inner.[x]}}", "deepdeepdeep"),
        ("{{yes}}{{no}}{{zero}}{{nothing}}{{list}}", "truefalse0a,b"),
        ("{{list.length}}{{list.1}}{{list.9}}{{branch.length}}", "2b8"),
        ("{{inner}}", "[object Object]"),
        ("{{branch 'ignored'}}", "feat/a&b"),
    ],
)
def test_values(source: str, expected: str) -> None:
    assert render(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{now}}", "later"),
        ("{{echo 'a' \"b\" 1 -2.5 true null}}", "['a', 'b', 1, -2.5, True, None]{}"),
        ("{{echo branch x='y' n=1}}", "['feat/a&b']{'x': 'y', 'n': 1}"),
        (r"{{echo 'it\'s'}}", '["it\'s"]{}'),
        ("{{echo 'a}}b'}}", "['a}}b']{}"),
        ("{{echo (echo 1)}}", "['[1]{}']{}"),
        ("{{echo YYYY}}", "[None]{}"),
    ],
)
def test_helpers(source: str, expected: str) -> None:
    assert render(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{#if branch}}A{{else}}B{{/if}}", "A"),
        ("{{#if empty}}A{{^}}B{{/if}}", "B"),
        ("{{#if zero}}A{{/if}}", ""),
        ("{{#if none}}A{{/if}}", ""),
        ("{{#if empty}}A{{else if branch}}B{{else}}C{{/if}}", "B"),
        ("{{#if empty}}A{{else if no}}B{{else}}C{{/if}}", "C"),
        ("{{#unless empty}}A{{else}}B{{/unless}}", "A"),
        ("{{#if now}}A{{/if}}", "A"),
        ("{{#each list}}{{this}}{{@index}}{{#if @last}}.{{/if}}{{/each}}", "a0b1."),
        ("{{#each inner}}{{@key}}={{this}}{{/each}}", "x=deep"),
        ("{{#each none}}A{{else}}B{{/each}}", "B"),
        ("{{#each branch}}A{{else}}B{{/each}}", "B"),
        ("{{#with inner}}{{x}}{{../empty}}{{../branch}}{{/with}}", "deepfeat/a&b"),
        ("{{#with empty}}A{{else}}B{{/with}}", "B"),
        ("{{#branch}}{{length}}{{/branch}}", "8"),
        ("{{#list}}{{.}}{{/list}}", "ab"),
        ("{{#yes}}{{branch}}{{/yes}}", "feat/a&b"),
        ("{{#no}}A{{else}}B{{/no}}", "B"),
        ("{{^no}}A{{/no}}{{^branch}}B{{/branch}}", "A"),
    ],
)
def test_blocks(source: str, expected: str) -> None:
    assert render(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a{{! b }}c{{!-- d }} --}}e", "ace"),
        ("a {{~branch~}} b", "afeat/a&bb"),
        ("a {{~!-- x --~}} b", "ab"),
        ("{{#if branch~}} A {{~else~}} B {{~/if}}", "A"),
        (r"\{{branch}}", "{{branch}}"),
        (r"\{{a}} {{branch}}", "{{a}} feat/a&b"),
        (r"\\{{branch}}", "\\feat/a&b"),
        (r"a\b\\", "a\\b\\\\"),
    ],
)
def test_what_is_left_out_and_what_is_text(source: str, expected: str) -> None:
    assert render(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "{{", "{{}}", "{{branch", "{{branch}",
        "{{branch}}}", "{{{branch}}", "{{branch}}}}", "{{{{raw}}}}", "{{> part}}",
        "{{* deco}}", "{{#> x}}", "{{/if}}", "{{else}}", "{{#if x}}", "{{#if x}}{{/unless}}", "{{#if}}{{/if}}",
        "{{#each list as |x|}}{{/each}}", "{{echo x=1 'a'}}", "{{echo (a}}", "{{echo 'a}}", "{{!-- x }}", "{{a b=}}",
        "{{unknown 'x'}}", "{{unknown x=1}}", "{{#if a}}" * 50, "{{a " + "(" * 50,
    ],
)  # fmt: skip
def test_what_is_malformed_is_refused(source: str) -> None:
    with pytest.raises(UsageError, match="template"):
        render(source)


def test_the_place_of_a_mistake_is_named() -> None:
    with pytest.raises(UsageError, match="at character 5"):
        Template.parse("ab{{}}")


@pytest.mark.parametrize(
    ("source", "expected"),
    [("{{raw}}", True), ("{{{raw}}}", True), ("{{ raw }}", True), ("{{raw}}-", False), ("v", False), ("{{x}}", False)],
)
def test_a_lone_value(source: str, *, expected: bool) -> None:
    assert Template.parse(source).is_only("raw") is expected


def test_the_names_a_template_uses() -> None:
    assert Template.parse("{{a}}.{{b.c}}{{#if d}}{{/if}}").names == {"a", "b"}


PIECES = [
    "{{",
    "}}",
    "{{{",
    "}}}",
    "#if ",
    "/if",
    "else",
    "branch",
    " ",
    "'",
    '"',
    "(",
    ")",
    "=",
    "~",
    "!",
    "\\",
    ".",
    "x",
]


@given(pieces=st.lists(st.sampled_from(PIECES), max_size=14))
def test_any_text_is_a_template_or_a_usage_error(pieces: list[str]) -> None:
    with contextlib.suppress(UsageError):
        assert isinstance(render("".join(pieces)), str)


@given(text=st.text().filter(lambda text: "{{" not in text))
def test_text_without_expressions_stays_as_it_is(text: str) -> None:
    assert render(text) == text


@given(value=st.text())
def test_a_value_arrives_unchanged(value: str) -> None:
    scope: dict[str, Any] = {"x": value}
    assert Template.parse("<{{x}}|{{{x}}}>").render(scope) == f"<{value}|{value}>"
