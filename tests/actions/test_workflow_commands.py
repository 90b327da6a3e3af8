"""Workflow commands carry their text back out, whatever is in it."""

import re
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from ci_publish.actions.workflow_commands import END_GROUP, MAX_MESSAGE, annotation, group, mask, without_commands
from tests.support.runner_log import commands


def parse(command: str) -> tuple[str, dict[str, str], str]:
    """Name, properties and message, as the runner's ActionCommand reads them."""
    assert "\n" not in command
    assert "\r" not in command
    found = re.fullmatch(r"::(\w[\w-]*)(?: ([^:]*))?::(.*)", command, re.DOTALL)
    assert found
    properties = dict(pair.split("=", 1) for pair in (found[2] or "").split(",") if pair)
    return found[1], {name: unquote(value) for name, value in properties.items()}, unquote(found[3])


TEXT = st.text(alphabet=st.sampled_from("a:,%=\r\né ") | st.characters(codec="ascii"), max_size=30)


@given(TEXT, TEXT.filter(bool), TEXT.filter(bool))
def test_an_annotation_keeps_its_texts(message: str, file: str, title: str) -> None:
    command = annotation("warning", message, file=file, line=3, column=4, title=title)
    assert parse(command) == ("warning", {"file": file, "line": "3", "col": "4", "title": title}, message)


def test_an_annotation_without_place() -> None:
    assert annotation("error", "no") == "::error::no"


def test_a_long_message_is_cut() -> None:
    assert parse(annotation("error", "%" * 5000))[2] == "%" * MAX_MESSAGE


@given(TEXT)
def test_masks_and_groups_keep_their_texts(text: str) -> None:
    assert parse(mask(text)) == ("add-mask", {}, text)
    assert parse(group(text)) == ("group", {}, text)
    assert parse(END_GROUP) == ("endgroup", {}, "")


HOSTILE = st.text(alphabet=st.sampled_from("::##[[]\\ \t\r\nax\u200b\ufe0f\x1b\u00e9"), max_size=40)


@given(HOSTILE)
def test_the_runner_finds_no_command_in_text_of_others(text: str) -> None:
    harmless = without_commands(text)

    assert commands(harmless) == []
    # nothing is lost: only backslashes came in
    assert harmless.replace("\\", "") == text.replace("\\", "")


@given(HOSTILE.filter(lambda text: not commands(text)))
def test_text_without_commands_stays_as_it_is(text: str) -> None:
    assert without_commands(text) == text


def test_a_long_line_takes_no_long_time() -> None:
    text = "#\u00e9" * 500_000 + "\u00e9" * 500_000 + ":"

    assert commands(without_commands(text)) == []
