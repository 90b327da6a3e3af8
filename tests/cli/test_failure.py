import click
import pytest

from ci_publish.cli.failure import describe_failure, report_failure
from ci_publish.errors import CiPublishError, PolicyError, SourceError, UsageError

FAILURES: list[tuple[BaseException, int]] = [
    (UsageError("wrong", hint="right"), 2),
    (SourceError("broken"), 3),
    (PolicyError("refused"), 8),
    (CiPublishError("ours"), 1),
    (click.UsageError("no such option"), 2),
    (click.BadParameter("not a number"), 2),
    (FileNotFoundError(2, "No such file or directory", "image.tar"), 2),
    (OSError(28, "No space left on device"), 2),
    (ValueError("surprise"), 1),
    (KeyError(), 1),
]


@pytest.mark.parametrize(("error", "exit_code"), FAILURES, ids=lambda value: type(value).__name__)
def test_every_failure_is_one_line_and_a_code(
    error: BaseException, exit_code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report_failure(error, environ={}, verbose=False) == exit_code
    out, err = capsys.readouterr()

    assert out == ""
    assert [line.partition(": ")[0] for line in err.splitlines()] in (["error"], ["error", "hint"])


def test_message_with_line_breaks_becomes_one_line() -> None:
    message, _, _ = describe_failure(UsageError("a\n::error::b\r\nc"))

    assert message.splitlines() == [message]


def test_bug_asks_to_be_reported_and_shows_its_trace_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("surprise")  # noqa: TRY301 - a traceback is made by raising
    except ValueError as error:
        report_failure(error, environ={}, verbose=False)
        quiet = capsys.readouterr().err
        report_failure(error, environ={}, verbose=True)
        verbose = capsys.readouterr().err

    assert "bug" in quiet
    assert "Traceback" not in quiet
    assert "Traceback" in verbose


def test_wrong_usage_has_no_trace_even_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    report_failure(click.UsageError("no such option"), environ={}, verbose=True)

    assert "Traceback" not in capsys.readouterr().err


def test_runner_gets_an_annotation_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    report_failure(UsageError("wrong", hint="one\ntwo"), environ={"GITHUB_ACTIONS": "true"}, verbose=False)
    lines = capsys.readouterr().err.splitlines()

    assert lines[-1].startswith("::error::wrong%0Ahint: one%0A")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_interruption_says_so(error: BaseException, capsys: pytest.CaptureFixture[str]) -> None:
    assert report_failure(error, environ={}, verbose=True) == 130
    assert capsys.readouterr().err == "interrupted\n"
