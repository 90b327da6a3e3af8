"""The command line: one file per command, imported when it is used."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import os
import sys
from typing import NoReturn

import click

from ci_publish.cli.failure import report_failure
from ci_publish.cli.version import version_text
from ci_publish.errors import UsageError

# Every command: its name → its module, which calls it `command`, and its line in the help.
COMMANDS: dict[str, tuple[str, str]] = {
    "tags": ("ci_publish.cli.tags", "Work out tags, labels and annotations from git and the event."),
    "push": ("ci_publish.cli.push", "Publish an image archive under its tags."),
    "digest": ("ci_publish.cli.digest", "Print the digest of an archive or of an image in a registry."),
    "pull": ("ci_publish.cli.pull", "Write an image from a registry to an archive."),
    "pin": ("ci_publish.cli.pin", "Rewrite image references in files to the digests of a record."),
    "login": ("ci_publish.cli.login", "Store credentials where docker and podman find them."),
    "logout": ("ci_publish.cli.logout", "Remove stored credentials."),
    "serve": ("ci_publish.cli.serve", "Run the embedded registry."),
    "demo": ("ci_publish.cli.demo", "Publish a sample image to the embedded registry, start to end."),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is called: `tags` must not pay for what `push` needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands in the order of the table, which is the order of a publication."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of this name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names, which must be one of the table."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            near = difflib.get_close_matches(name, COMMANDS, n=1)
            raise UsageError(
                f"there is no command {name!r}",
                hint=f"did you mean `ci-publish {near[0]}`?" if near else "`ci-publish --help` lists the commands",
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The list of commands, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _print_version(ctx: click.Context, _option: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value and not ctx.resilient_parsing:
        click.echo(f"ci-publish {version_text()}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version, help="Print the version."
)
def program() -> None:
    """Publish container images from CI: tags, push, digest record and pins in one step."""


def main() -> None:
    """Run the command line and leave with the exit code of what happened, see `ci_publish.errors`."""
    arguments = sys.argv[1:] or ["--help"]
    try:
        program.main(arguments, prog_name="ci-publish", standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except SystemExit:
        # click ends like this when whoever read our output has gone
        raise
    except BaseException as error:  # noqa: BLE001 - the one place where every failure becomes a message
        _leave(report_failure(error, environ=os.environ, verbose=_is_verbose(arguments)))


def _leave(exit_code: int) -> NoReturn:
    """End now: Python would wait for threads, and those for a registry that may not answer."""
    for stream in (sys.stdout, sys.stderr):
        # whoever read it may be gone, or it is closed for that reason
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(exit_code)


def _is_verbose(arguments: list[str]) -> bool:
    return "-v" in arguments or "--verbose" in arguments
