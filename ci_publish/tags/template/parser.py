"""Templates read from text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ci_publish.errors import UsageError
from ci_publish.tags.template.syntax import Block, Call, Expression, Literal, Node, Path, Value

_MAX_DEPTH = 20

_COMMENT = re.compile(r"(?s)\{\{(?P<left>~?)!(?:--.*?--|(?!--).*?)(?P<right>~?)\}\}")
_OPEN = re.compile(r"\{\{(?P<left>~?)(?P<sigil>\{|[#^/&>*]|)[ \t\r\n]*")
_CLOSE = re.compile(r"(?P<brace>\}?)(?P<right>~?)\}\}")
_BARE_ELSE = re.compile(r"\{\{(?P<left>~?)\s*(?:else|\^)\s*(?P<right>~?)\}\}")
_ELSE = re.compile(r"\{\{(?P<left>~?)\s*else\s+(?=[^\s~}])")
_BLOCK_END = re.compile(r"\{\{~?/\s*")
_SPACE = re.compile(r"\s*")
_STRING = re.compile(r'"((?:\\"|[^"])*)"|\'((?:\\\'|[^\'])*)\'')
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?=[=~}\s/.)|\]]|\Z)")
_NAME = r"\[(?:\\\]|[^\]])*\]|[^\s!\"#%-,./;->@\[-\^`{-~]+"
_PATH = re.compile(rf"@?(?:\.\.|\.|{_NAME})(?:[./](?:\.\.|{_NAME}))*")
_PART = re.compile(rf"\.\.|\.(?![./])|{_NAME}")
_OPTION = re.compile(rf"({_NAME})\s*=\s*")
_CONSTANTS: Mapping[str, Value] = {"true": True, "false": False, "null": None, "undefined": None}


@dataclass(slots=True)
class Parser:
    """A reader at one place of a template's text.

    Args:
        source: the whole text.
        at: index of the next character.
        depth: how many blocks and parentheses are open.
        strip_next: whether a `~` asked to leave out the white space that comes next.
    """

    source: str
    at: int = 0
    depth: int = 0
    strip_next: bool = False

    def whole(self) -> tuple[Node, ...]:
        """The nodes of the whole text.

        Raises:
            UsageError: something in it is malformed, not closed, or not understood.
        """
        body = self._body()
        if self.at < len(self.source):
            raise self._error("an end without its start")
        return body

    def _body(self) -> tuple[Node, ...]:
        """Nodes up to the end of the text or to a tag that ends a block or its first half."""
        nodes: list[Node] = []
        while True:
            text, at_tag = self._text()
            nodes.append(text)
            if not at_tag or self._at_block_end():
                return tuple(node for node in nodes if node != "")
            if node := self._tag():
                nodes.append(node)

    def _text(self) -> tuple[str, bool]:
        """The text before the next tag, and whether there is one."""
        pieces = []
        while (start := self.source.find("{{", self.at)) >= 0:
            text = self.source[self.at : start]
            backslashes = len(text) - len(text.rstrip("\\"))
            pieces.append(text[:-1] if backslashes else text)
            self.at = start
            # `\{{` is text; `\\{{` is a backslash before an expression
            if backslashes != 1:
                return self._stripped("".join(pieces)), True
            self.at = self._next_opening(start + 2)
            pieces.append(self.source[start : self.at])
        pieces.append(self.source[self.at :])
        self.at = len(self.source)
        return self._stripped("".join(pieces)), False

    def _next_opening(self, after: int) -> int:
        """Where the next `{{` and the backslashes before it start, or the end."""
        start = self.source.find("{{", after)
        if start < 0:
            return len(self.source)
        return after + len(self.source[after:start].rstrip("\\"))

    def _stripped(self, text: str) -> str:
        text, self.strip_next = text.lstrip() if self.strip_next else text, False
        return text.rstrip() if self.source.startswith("{{~", self.at) else text

    def _at_block_end(self) -> bool:
        ends = (_BLOCK_END, _BARE_ELSE, _ELSE)
        return any(end.match(self.source, self.at) for end in ends)

    def _tag(self) -> Node | None:
        if comment := _COMMENT.match(self.source, self.at):
            self.at, self.strip_next = comment.end(), bool(comment["right"])
            return None
        opening = _OPEN.match(self.source, self.at)
        assert opening is not None  # noqa: S101 - _text stopped at an opening
        sigil = opening["sigil"]
        if sigil in {">", "*"} or self.source.startswith(("{{{{", "{{#>", "{{#*"), self.at):
            raise self._error("partials, decorators and raw blocks are not understood")
        self.at = opening.end()
        if sigil in {"#", "^"}:
            return self._block(is_inverted=sigil == "^")
        call = self._call()
        self._close(triple=sigil == "{")
        return call

    def _block(self, *, is_inverted: bool) -> Block:
        call = self._call()
        self._close()
        self._descend()
        first, second = self._body(), self._otherwise()
        ending = _BLOCK_END.match(self.source, self.at)
        if not ending:
            raise self._error("a block without its end")
        self.at = ending.end()
        if self._path() != call.path:
            raise self._error("the end of another block")
        self._close()
        self.depth -= 1
        return Block(call, second, first) if is_inverted else Block(call, first, second)

    def _otherwise(self) -> tuple[Node, ...]:
        if match := _BARE_ELSE.match(self.source, self.at):
            self.at, self.strip_next = match.end(), bool(match["right"])
            return self._body()
        if match := _ELSE.match(self.source, self.at):
            # `{{else if x}}` is a block in the other half, ended by the same tag
            self.at = match.end()
            call = self._call()
            self._close()
            self._descend()
            block = Block(call, self._body(), self._otherwise())
            self.depth -= 1
            return (block,)
        return ()

    def _call(self) -> Call:
        self._skip_space()
        literal = self._literal()
        # `{{"branch"}}` is the value of that name
        path = Path((str(literal.value),)) if literal else self._path()
        arguments: list[Expression] = []
        options: list[tuple[str, Expression]] = []
        while not self._at_end_of_call():
            if option := _OPTION.match(self.source, self.at):
                self.at = option.end()
                options.append((_unbracketed(option[1]), self._argument()))
            elif options:
                raise self._error("an argument after an option")
            else:
                arguments.append(self._argument())
        return Call(path, tuple(arguments), tuple(options))

    def _at_end_of_call(self) -> bool:
        self._skip_space()
        return self.at >= len(self.source) or self.source.startswith(("}", "~}", ")"), self.at)

    def _argument(self) -> Expression:
        if not self.source.startswith("(", self.at):
            return self._literal() or self._path()
        self.at += 1
        self._descend()
        call = self._call()
        if not self.source.startswith(")", self.at):
            raise self._error("a parenthesis that is not closed")
        self.at += 1
        self.depth -= 1
        return call

    def _literal(self) -> Literal | None:
        if match := _STRING.match(self.source, self.at):
            self.at = match.end()
            return Literal(match[2].replace("\\'", "'") if match[1] is None else match[1].replace('\\"', '"'))
        if match := _NUMBER.match(self.source, self.at):
            self.at = match.end()
            return Literal(float(match[0]) if "." in match[0] else int(match[0]))
        match = _PATH.match(self.source, self.at)
        if match and match[0] in _CONSTANTS:
            self.at = match.end()
            return Literal(_CONSTANTS[match[0]])
        return None

    def _path(self) -> Path:
        match = _PATH.match(self.source, self.at)
        if not match:
            raise self._error("something that is no name or value")
        self.at = match.end()
        parts = [_unbracketed(part) for part in _PART.findall(match[0].removeprefix("@")) if part not in {".", "this"}]
        names = tuple(part for part in parts if part != "..")
        return Path(names, up=len(parts) - len(names), is_data=match[0].startswith("@"))

    def _close(self, *, triple: bool = False) -> None:
        self._skip_space()
        match = _CLOSE.match(self.source, self.at)
        if not match or bool(match["brace"]) != triple:
            raise self._error("an expression that is not closed")
        self.at, self.strip_next = match.end(), bool(match["right"])

    def _skip_space(self) -> None:
        match = _SPACE.match(self.source, self.at)
        self.at = match.end() if match else self.at

    def _descend(self) -> None:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise self._error("blocks nested too deeply")

    def _error(self, what: str) -> UsageError:
        return UsageError(f"template {self.source!r}: {what}, at character {self.at + 1}")


def _unbracketed(name: str) -> str:
    return name[1:-1] if name.startswith("[") else name
