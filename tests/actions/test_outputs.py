"""What is written to GITHUB_OUTPUT is what the runner reads."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ci_publish.actions import outputs as module
from ci_publish.actions.outputs import write_outputs
from ci_publish.errors import UsageError


def runner_reads(data: bytes) -> dict[str, str]:
    """The outputs in the file, by the rules of the runner's FileCommandManager on Linux; it raises where that fails."""
    read: dict[str, str] = {}
    lines = data.decode().split("\n")
    assert lines.pop() == "", "the file does not end in a line end"
    waiting = iter(lines)
    for line in waiting:
        if not line:
            continue
        equals, opening = line.find("="), line.find("<<")
        if equals >= 0 and (opening < 0 or equals < opening):
            name, _, value = line.partition("=")
        else:
            name, found, delimiter = line.partition("<<")
            assert found
            assert delimiter
            value_lines = []
            while (text := next(waiting)) != delimiter:
                value_lines.append(text)
            value = "\n".join(value_lines)
        assert name
        read[name] = value
    return read


NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,10}", fullmatch=True)
VALUES = st.text(alphabet=st.sampled_from("a=<>\n\r\t é𝄞\u2028\x00")) | st.text()


@given(st.dictionaries(NAMES, VALUES), st.dictionaries(NAMES, VALUES), st.sampled_from([b"", b"x=1", b"y<<E\n1\nE\n"]))
@example({"a": "", "b": "\n", "c": "\nEOF\n"}, {"a": "x=1\nb<<c"}, b"x=1")
def test_the_runner_reads_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, first: dict[str, str], second: dict[str, str], before: bytes
) -> None:
    path = tmp_path_factory.mktemp("outputs") / "file"
    path.write_bytes(before)
    write_outputs(path, first)
    write_outputs(path, second)
    assert runner_reads(path.read_bytes()) == runner_reads(before.rstrip() + b"\n") | first | second


def test_the_file_is_made_when_missing(tmp_path: Path) -> None:
    write_outputs(tmp_path / "file", {"a": "1"})
    assert runner_reads((tmp_path / "file").read_bytes()) == {"a": "1"}


def test_a_value_cannot_set_another_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guessed, drawn = "value-ends-here", iter(["value-ends-here", "value-ends-here", "other"])
    monkeypatch.setattr(module, "_random_delimiter", lambda: next(drawn))
    value = f"x\n{guessed}\nevil=1"
    write_outputs(tmp_path / "file", {"a": value})
    assert runner_reads((tmp_path / "file").read_bytes()) == {"a": value}


def test_the_delimiter_is_another_each_time(tmp_path: Path) -> None:
    write_outputs(tmp_path / "file", {"a": "1", "b": "2"})
    delimiters = [line for line in (tmp_path / "file").read_text(encoding="utf-8").splitlines() if "<<" in line]
    assert len({line.partition("<<")[2] for line in delimiters}) == 2


@pytest.mark.parametrize("name", ["", "a=b", "a<<b", "a b", "a\nb", "1a", "é", "a."])
def test_a_name_that_breaks_the_file_is_refused_and_nothing_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="not a name"):
        write_outputs(tmp_path / "file", {"good": "1", name: "2"})
    assert not (tmp_path / "file").exists()


def test_a_file_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        write_outputs(tmp_path, {"a": "1"})
