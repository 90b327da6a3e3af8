r"""The template language of tags and labels: the part of Handlebars that has a meaning here.

Understood are `{{x}}`, `{{{x}}}` and `{{&x}}` with arguments and options, paths, `#if`, `#unless`, `#each`, `#with`,
blocks on a value, `else` chains, sub-expressions, comments, `~` and `\{{`. Nothing is escaped for HTML: `{{x}}`
gives what `{{{x}}}` gives, because tags and labels are no HTML. Partials, decorators and raw blocks are refused.

Source: handlebarsjs.com/guide and the grammar of @handlebars/parser.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from ci_publish.errors import UsageError
from ci_publish.tags.template.evaluation import Frame, render
from ci_publish.tags.template.parser import Parser
from ci_publish.tags.template.syntax import Call, Node, Path, Value

# Called with the arguments and the options that stand behind its name in an expression.
Helper = Callable[[Sequence[Value], Mapping[str, Value]], Value]
Scope = Mapping[str, Value]

__all__ = ["Helper", "Scope", "Template", "Value"]


@dataclass(frozen=True, slots=True)
class Template:
    """A text with expressions, parsed.

    Args:
        source: as written.
        body: text, expressions and blocks in order.
    """

    source: str
    body: tuple[Node, ...]

    @classmethod
    def parse(cls, source: str) -> Self:
        """The template in this text.

        Raises:
            UsageError: an expression or block is malformed, not closed, or of a kind that is not understood.
        """
        return cls(source, Parser(source).whole())

    def render(self, scope: Scope) -> str:
        """The text with every expression replaced by its value in `scope`.

        Raises:
            UsageError: a helper is unknown or refuses its arguments.
        """
        try:
            return render(self.body, Frame(scope))
        except UsageError as error:
            raise UsageError(f"template {self.source!r}: {error.message}", hint=error.hint) from None

    def is_only(self, name: str) -> bool:
        """Whether the template is nothing but this one value, as `{{raw}}`."""
        return len(self.body) == 1 and isinstance(self.body[0], Call) and self.body[0].path == Path((name,))

    @property
    def names(self) -> frozenset[str]:
        """The names its plain expressions begin with."""
        return frozenset(node.path.parts[0] for node in self.body if isinstance(node, Call) and node.path.parts)
