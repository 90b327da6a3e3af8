"""How a failure reaches the user: one line, a hint, an exit code."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from ci_publish.cli.terminal import is_in_workflow, tell
from ci_publish.errors import CiPublishError

_BUG_HINT = "this is a bug in ci-publish; run again with -v and report what it prints"
# what a shell shows for a process that ended by SIGINT or SIGPIPE
_INTERRUPTED, _BROKEN_PIPE = 130, 141


def report_failure(error: BaseException, *, environ: Mapping[str, str], verbose: bool) -> int:
    """The exit code for this error, after it was printed to stderr.

    Args:
        error: what ended the command.
        environ: the process environment; under GitHub Actions the error also becomes an annotation.
        verbose: whether to print the traceback first.
    """
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        tell("interrupted")
        return _INTERRUPTED
    if isinstance(error, BrokenPipeError):
        sys.stderr.close()
        return _BROKEN_PIPE
    if verbose and not isinstance(error, click.ClickException):
        # imported here: a run that succeeds need not load it
        import traceback

        tell("".join(traceback.format_exception(error)).rstrip())
    message, hint, exit_code = describe_failure(error)
    tell(f"error: {message}")
    if hint:
        tell("hint: " + hint.replace("\n", "\n      "))
    if is_in_workflow(environ):
        from ci_publish.actions.workflow_commands import annotation

        print(annotation("error", message if not hint else f"{message}\nhint: {hint}"), file=sys.stderr)
    return exit_code


def describe_failure(error: BaseException) -> tuple[str, str | None, int]:
    """Message in one line, hint, and exit code of any error that can end a command."""
    match error:
        case CiPublishError():
            return _one_line(error.message), error.hint, error.exit_code
        case click.UsageError():
            hint = f"see {error.ctx.command_path} --help" if error.ctx else None
            return _one_line(error.format_message()), hint, 2
        case click.ClickException():
            return _one_line(error.format_message()), None, 2
        case OSError():
            # stdout has no name: the disk that it goes to may be full
            where = f"{error.filename}: " if error.filename is not None else ""
            return _one_line(f"{where}{error.strerror or error}"), None, 2
        case _:
            return _one_line(f"{type(error).__name__}: {error}"), _BUG_HINT, 1


def _one_line(text: str) -> str:
    return " ".join(text.split())
