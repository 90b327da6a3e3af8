"""YAML as nodes that know which characters of the text they are.

Built from the parser's events, not by `yaml.compose`: that one recurses, and its C form ends the process
on a text of a hundred thousand opening brackets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any, Final, Never

import yaml

from ci_publish.errors import PinError
from ci_publish.pins.formats.site import position

# libyaml where PyYAML was built with it: ten times faster; both parsers number characters, not bytes.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BOM: Final = "\ufeff"
# libyaml looks at every open collection with each token, so depth costs time squared; nobody writes a tenth of this.
_MAX_DEPTH: Final = 1000


@dataclass(slots=True)
class Scalar:
    """A scalar: its value, and its place in the text with anchor, tag and quotes."""

    value: str
    start: int
    end: int
    style: str


@dataclass(slots=True)
class Sequence:
    """A sequence and its items, in order."""

    start: int
    end: int
    items: list[Node] = dataclass_field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    """A mapping and its pairs of key and value, in order; YAML lets keys repeat."""

    start: int
    end: int
    pairs: list[tuple[Node, Node]] = dataclass_field(default_factory=list)


Node = Scalar | Sequence | Mapping


def documents(text: str, *, name: str) -> Iterator[Node]:
    """The root of every document; an alias is the very node it stands for, so the graph may have cycles.

    Args:
        text: the YAML, with or without a byte order mark.
        name: the file's name in messages.

    Raises:
        PinError: the text is not YAML; the message starts with `name:line:column`.
    """
    # libyaml does not count a byte order mark as a character
    skipped = 1 if text.startswith(_BOM) else 0
    try:
        builder = _Builder(skipped)
        for event in yaml.parse(text[skipped:], Loader=_LOADER):
            if isinstance(event, yaml.DocumentStartEvent):
                builder = _Builder(skipped)
            elif isinstance(event, yaml.DocumentEndEvent):
                yield builder.root
            else:
                builder.add(event)
    except yaml.reader.ReaderError as error:
        character = chr(error.character) if isinstance(error.character, int) else error.character.decode("latin-1")
        _refuse(text, text.find(character), error.reason, name)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        index = mark.index if mark and mark.index is not None else 0
        _refuse(text, skipped + index, error.problem or "no reason given", name)
    except UnicodeEncodeError as error:
        _refuse(text, error.start, "a character that is none", name)


def _refuse(text: str, index: int, problem: str, name: str) -> Never:
    line, column = position(text, max(index, 0))
    raise PinError(f"{name}:{line}:{column}: not valid YAML: {problem}") from None


class _Builder:
    """One document, built from events without recursion."""

    def __init__(self, skipped: int) -> None:
        self._skipped = skipped
        self._anchors: dict[str, Node] = {}
        # the collections that are open, outermost first; and of each mapping, the key that waits for its value
        self._open: list[Sequence | Mapping] = []
        self._keys: list[Node | None] = []
        self.root: Node = Scalar("", 0, 0, "")

    def add(self, event: Any) -> None:
        """Take the next event of the document."""
        match event:
            case yaml.CollectionEndEvent():
                self._open.pop().end = self._span(event)[1]
                self._keys.pop()
            case yaml.ScalarEvent():
                self._place(Scalar(event.value, *self._span(event), event.style or ""), event)
            case yaml.SequenceStartEvent():
                self._enter(Sequence(*self._span(event)), event)
            case yaml.MappingStartEvent():
                self._enter(Mapping(*self._span(event)), event)
            case yaml.AliasEvent():
                self._attach(self._anchored(event))

    def _span(self, event: Any) -> tuple[int, int]:
        return event.start_mark.index + self._skipped, event.end_mark.index + self._skipped

    def _enter(self, node: Sequence | Mapping, event: Any) -> None:
        if len(self._open) >= _MAX_DEPTH:
            raise yaml.composer.ComposerError(
                problem=f"nested more than {_MAX_DEPTH} levels deep", problem_mark=event.start_mark
            )
        self._place(node, event)
        self._open.append(node)
        self._keys.append(None)

    def _place(self, node: Node, event: Any) -> None:
        if event.anchor:
            self._anchors[event.anchor] = node
        self._attach(node)

    def _anchored(self, event: Any) -> Node:
        if event.anchor not in self._anchors:
            raise yaml.composer.ComposerError(
                problem=f"found undefined alias {event.anchor!r}", problem_mark=event.start_mark
            )
        return self._anchors[event.anchor]

    def _attach(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent, key = self._open[-1], self._keys[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif key is None:
            self._keys[-1] = node
        else:
            parent.pairs.append((key, node))
            self._keys[-1] = None
