"""Options that several commands share, and how options are read from the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_PREFIX = "CI_PUBLISH"


class Text(click.ParamType[str]):
    """A text taken whole: click would split a repeatable option's environment variable at white space."""

    name = "text"

    def split_envvar_value(self, rv: str) -> list[str]:
        """The variable's value as one item."""
        return [rv]


class EnvironmentOption(click.Option):
    """An option that is also read from `CI_PUBLISH_<COMMAND>_<OPTION>` and then `CI_PUBLISH_<OPTION>`.

    The second form is what the action sets, which does not know what a command calls its options. An empty
    variable counts as unset, because an action's input that nobody gave is empty.
    """

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """The value of the first variable that is set and not empty."""
        return next((os.environ[name] for name in self.variables(ctx) if os.environ.get(name)), None)

    def variables(self, ctx: click.Context) -> tuple[str, str]:
        """The names of this option's environment variables, first wins."""
        option = (self.name or "").upper()
        command = (ctx.info_name or "").upper().replace("-", "_")
        return f"{_PREFIX}_{command}_{option}", f"{_PREFIX}_{option}"


def option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """`click.option` that can come from the environment; repeatable ones also take one value with newlines."""
    if settings.get("multiple"):
        settings.setdefault("type", Text())
    return click.option(*names, cls=EnvironmentOption, **settings)


def lines(values: Iterable[str]) -> tuple[str, ...]:
    """The items of a list option: each value may hold several, one a line; blank ones don't count."""
    return tuple(line.strip() for value in values for line in value.splitlines() if line.strip())


def output_options(command: Command) -> Command:
    """`--format`, `--quiet` and `-v`, which every command has."""
    for add in (
        option("-v", "--verbose", is_flag=True, help="Show what is done, and tracebacks of failures."),
        option("-q", "--quiet", is_flag=True, help="Print the result and errors only."),
        option(
            "--format", "output_format", type=click.Choice(["text", "json"]), default="text", help="Form of the result."
        ),
    ):
        command = add(command)
    return command
