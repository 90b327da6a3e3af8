"""The table of cases holds for every rule, and has a tag and a reason for each."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml

from ci_publish.tags import TagInputs, make_plan
from ci_publish.tags.entry import parse_entries
from ci_publish.tags.rules import RULES
from tests.support.events import an_event

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parents[1] / "cases" / "tags.yml").read_text())


def name_of(case: dict[str, Any]) -> str:
    return f"{case['rules']} {case.get('flavor', '')} {case.get('event', '')}".replace("\n", " ")


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_case(case: dict[str, Any]) -> None:
    inputs = TagInputs(tags=case["rules"], flavor=case.get("flavor", ""))
    plan = make_plan(inputs, an_event(**case.get("event", {})))
    expected = [str(tag) for tag in case["tags"]]
    assert [tag.name for tag in plan.tags] == expected
    assert [tag.name for tag in plan.tags if tag.moving] == [str(tag) for tag in case.get("moving", expected)]
    assert plan.version == (expected[0] if expected else "")
    if "skip" in case:
        assert case["skip"] in plan.skips[0].reason
    else:
        assert not plan.skips or not case["rules"] or case["rules"].startswith("#")


@pytest.mark.parametrize("kind", RULES)
def test_every_rule_has_a_case_with_a_tag_and_one_without(kind: str) -> None:
    def concerns(case: dict[str, Any]) -> bool:
        return all(isinstance(entry.rule, RULES[kind]) for entry in parse_entries(case["rules"]))

    outcomes = {bool(case["tags"]) for case in CASES if concerns(case)}
    assert outcomes == {True, False}


@pytest.mark.parametrize("rule", RULES.values())
def test_every_rule_describes_its_options(rule: Any) -> None:
    assert rule.__doc__
    for option in dataclasses.fields(rule):
        assert f"{option.name}: " in rule.__doc__
        assert option.default is dataclasses.MISSING or isinstance(option.default, str)


def test_the_order_of_kinds_is_that_of_their_priorities() -> None:
    priorities = [rule.default_priority for rule in RULES.values()]
    assert priorities == sorted(priorities, reverse=True)
