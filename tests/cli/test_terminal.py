"""What is printed has no effect but to be read, whoever wrote it."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.cli.terminal import Terminal, hide
from tests.support.runner_log import commands

# An escape sequence, one of a single character, a text that is read backwards, and characters nobody sees.
STEERING = "\x1b[2J \x9b31m \u202egnp.exe\u2066 \x07\x00\u200b\ufeff\x7f"
COMMANDS = ["::set-output name=digest::evil", " \t::error::x", "a ##[set-output name=digest;]evil", "a\r::debug::x"]


@pytest.fixture(autouse=True)
def _outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)


def test_nothing_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(verbose=True)
    for say in (terminal.note, terminal.detail, terminal.warn):
        say(f"a{STEERING}b\tc\nd")
    err = capsys.readouterr().err

    assert {unicodedata.category(char) for char in err if char not in "\n\t"}.isdisjoint({"Cc", "Cf", "Cs"})
    assert err.count("\nd\n") == 3


@pytest.mark.parametrize("text", COMMANDS)
def test_nothing_people_are_told_commands_the_runner(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(verbose=True)
    for say in (terminal.note, terminal.detail, terminal.warn):
        say(f"a\n{text}")

    assert commands(capsys.readouterr().err) == []


@pytest.mark.parametrize("text", COMMANDS)
def test_a_result_is_kept_for_programs_and_harmless_for_the_runner(
    text: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Terminal().result(text, {})
    assert capsys.readouterr().out == f"{text}\n"

    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    Terminal().result(text, {})
    assert commands(capsys.readouterr().out) == []


@given(text=st.one_of(st.sampled_from([*COMMANDS, STEERING, "##[##[", "\udcff"]), st.text()))
def test_json_is_the_same_document_and_harmless(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        printed: list[str] = []
        patch.setattr("builtins.print", lambda line, **_: printed.append(line))
        Terminal("json").result("", {text: [text]})

    assert json.loads(printed[0]) == {text: [text]}
    assert printed[0].isascii()
    assert commands(printed[0]) == []


def test_a_result_on_a_terminal_does_not_steer_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    Terminal().result(STEERING, {})

    assert "\x1b" not in capsys.readouterr().out


def test_secrets_are_told_to_the_runner_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hide(["secret"])
    assert capsys.readouterr() == ("", "")

    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    hide(["secret", "", " ", "two\nlines"])
    assert capsys.readouterr() == ("", "::add-mask::secret\n::add-mask::two%0Alines\n")
