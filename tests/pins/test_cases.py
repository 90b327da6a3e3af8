"""Pairs of files: what is pinned in them, and that nothing else is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from ci_publish.pins import FORMATS, apply_pins, find_sites, plan_pins, plan_unpins
from tests.support.publications import digest, publication, record

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.stem for path in CASES.glob("*.in"))
RECORD = record(publication("ghcr.io/acme/app"), publication("myapp", character="b", tags=["1.0"]))


@pytest.fixture(params=NAMES)
def case(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def file(case: str, tmp_path: Path) -> Path:
    """A copy of the case's file before it is pinned."""
    path = tmp_path / case
    shutil.copy(CASES / f"{case}.in", path)
    return path


def expected(case: str) -> bytes:
    return (CASES / f"{case}.out").read_bytes()


def test_pinned_as_expected(case: str, file: Path) -> None:
    apply_pins(plan_pins([file], RECORD))
    assert file.read_bytes().decode() == expected(case).decode()


def test_a_second_pin_changes_nothing(case: str, file: Path) -> None:
    apply_pins(plan_pins([file], RECORD))
    assert plan_pins([file], RECORD).edits == ()


def test_unpin_takes_back_what_pin_did(file: Path) -> None:
    # a digest that was there before the pin is gone after the unpin
    before = file.read_bytes().replace(f"@{digest('0')}".encode(), b"")
    apply_pins(plan_pins([file], RECORD))
    apply_pins(plan_unpins([file], RECORD))
    assert file.read_bytes() == before


def test_every_reference_is_an_edit_or_has_a_reason(file: Path) -> None:
    plan = plan_pins([file], RECORD)
    sites = find_sites(file, file.read_bytes().decode())
    assert len(plan.edits) + len(plan.skips) == len(sites) > 0
    assert all(skip.reason for skip in plan.skips)


@pytest.mark.parametrize("case", ["kubernetes.yaml", "compose.yaml", "windows.yml"])
def test_yaml_readers_see_the_same_but_for_the_digests(case: str) -> None:
    before, after = (values((CASES / f"{case}.{suffix}").read_bytes()) for suffix in ("in", "out"))
    assert [without_digest(value) for value in after] == [without_digest(value) for value in before]
    assert before != after


def values(data: bytes) -> list[Any]:
    return [
        (type(event).__name__, getattr(event, "value", None), getattr(event, "anchor", None))
        for event in yaml.parse(data.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    ]


def without_digest(event: tuple[str, str | None, str | None]) -> tuple[str, str | None, str | None]:
    name, value, anchor = event
    return name, re.sub(r"@sha256:\w{64}", "", value) if value else value, anchor


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.name)
def test_every_format_has_a_case(row: Any) -> None:
    assert any(case.lower().startswith(row.name) or case.lower().endswith(f".{row.name}") for case in NAMES)
