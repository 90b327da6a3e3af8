import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import UsageError
from ci_publish.tags.entry import parse_entries
from ci_publish.tags.rules.raw import Raw
from ci_publish.tags.rules.ref import Ref
from ci_publish.tags.rules.semver import Semver
from ci_publish.tags.rules.sha import Sha


def test_attributes_become_fields() -> None:
    (entry,) = parse_entries("type=semver,pattern={{version}},match=v(.*),prefix=p,enable=false")
    assert entry.rule == Semver(pattern="{{version}}", match="v(.*)")
    assert (entry.prefix, entry.suffix, entry.enable, entry.priority) == ("p", None, "false", 900)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("foo", "foo"),
        ("type=raw,foo,bar", "bar"),
        ("type=raw,value=foo,", ""),
        ("=foo", "=foo"),
        ("type = raw , VALUE = foo ", "foo"),
        ("type=raw,value=a=b", "a=b"),
        ('type=raw,"value=foo"', "foo"),
        ('"""value=a,b"""', "a,b"),
    ],
)
def test_a_bare_field_is_the_value_and_the_last_one_wins(line: str, value: str) -> None:
    (entry,) = parse_entries(line)
    assert entry.rule == Raw(value)
    assert entry.text


def test_quotes_do_not_protect_a_comma() -> None:
    (entry,) = parse_entries(r'type=semver,"pattern={{x}},y"')
    assert entry.rule == Semver(pattern="{{x}}", value="y")


def test_unknown_attributes_are_kept_apart() -> None:
    (entry,) = parse_entries("type=sha,fromat=long")
    assert (entry.rule, entry.unknown) == (Sha(), ("fromat",))


def test_entries_come_by_priority_and_then_as_written() -> None:
    entries = parse_entries("type=sha\nb\na\nc,priority=0x3E8\nd,priority=x\ne,priority=")
    assert [entry.text.partition(",")[0] for entry in entries] == ["c", "b", "a", "d", "type=sha", "e"]


def test_without_entries_there_are_the_default_ones() -> None:
    rules = [entry.rule for entry in parse_entries("# none")]
    assert rules[1:] == [Ref("branch"), Ref("tag"), Ref("pr")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("type=foo", "no type 'foo'"),
        ("type=", "no type ''"),
        ("type=SHA", "no type 'SHA'"),
        ("type=sha # x", "no type"),
        ("type=raw", "value= is missing"),
        ("type=semver", "pattern= is missing"),
        ("type=ref,event=foo", "branch, tag or pr"),
        ("type=ref", "event= is missing"),
        ("type=sha,format=foo", "short or long"),
        ("type=match,pattern=x,group=y", "group is a number"),
        ('type=raw,value="x"', "quote"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_entries(f"{text},enable=false" if "quote" not in reason else text)
    assert reason in caught.value.message
    assert text[:8] in caught.value.message


@given(
    text=st.lists(
        st.sampled_from(
            ["type=", "sha", "raw", "match", "pattern=", "value=", "group=", ",", "\n", '"', "=", "x", "#"]
        ),
        max_size=12,
    ).map("".join)
)
def test_any_text_gives_entries_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        priorities = [entry.priority for entry in parse_entries(text)]
        assert priorities == sorted(priorities, reverse=True)
