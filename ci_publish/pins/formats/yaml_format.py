"""The references in YAML, by the paths that lead to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Final

from ci_publish.errors import PinError
from ci_publish.pins.formats import yaml_nodes
from ci_publish.pins.formats.site import Site
from ci_publish.pins.formats.yaml_nodes import Node, Scalar

# A path is its steps; a state of the search is the steps that are left on each path that still can match.
_Path = tuple[str, ...]
_State = frozenset[_Path]
_ITEM: Final = "[*]"
_ANY: Final = "*"
_DEEP: Final = "**"
_MERGE: Final = "<<"

# Anchor, tag and comments, which stand before a scalar and are part of its node.
_PROPERTIES = re.compile(r"(?:[&!]\S*(?:\s+|$)(?:#[^\n]*\n\s*)*)*")
_QUOTES: Final = ("'", '"')
_BLOCK_STYLES: Final = ("|", ">")
_TEMPLATE = re.compile(r"\{\{|\{%")


@dataclass(frozen=True, slots=True)
class YamlFormat:
    """A YAML dialect, as data.

    Args:
        name: what people call it.
        files: lower-case patterns of file names.
        paths: where references stand. Steps are joined by dots: a key, `*` for any key, `**` for any number
            of keys and items; `[*]` after a step is for any item.
        where: top-level keys that a document must have, and the values they may have.
    """

    name: str
    files: tuple[str, ...]
    paths: tuple[str, ...]
    where: Mapping[str, frozenset[str]] = dataclass_field(default_factory=dict)


def find_in_yaml(text: str, formats: Iterable[YamlFormat], *, name: str) -> Iterator[Site]:
    """Every reference that these formats know; one that several paths lead to may come several times.

    Args:
        text: the YAML.
        formats: each is tried on each document.
        name: the file's name in messages.

    Raises:
        PinError: the text is neither YAML nor a template.
    """
    formats = tuple(formats)
    try:
        roots = tuple(yaml_nodes.documents(text, name=name))
    except PinError as error:
        template = _TEMPLATE.search(text)
        if template is None:
            raise
        reason = error.message.removeprefix(name).lstrip(":0123456789 ")
        yield Site(template.start(), template.end(), template[0], f"the file is a template, {reason}")
        return
    for root in roots:
        state = frozenset(_steps(path) for row in formats if _describes(row, root) for path in row.paths)
        yield from (site for node in _reached(root, state) if (site := _site(text, node)))


def _steps(path: str) -> _Path:
    return tuple(step for step in path.replace(_ITEM, f".{_ITEM}").split(".") if step)


def _describes(row: YamlFormat, root: Node) -> bool:
    pairs = root.pairs if isinstance(root, yaml_nodes.Mapping) else []
    values = {key.value: value for key, value in pairs if isinstance(key, Scalar)}
    found = {key: values.get(key) for key in row.where}
    return all(isinstance(node, Scalar) and node.value in row.where[key] for key, node in found.items())


def _reached(root: Node, state: _State) -> Iterator[Node]:
    """Every node at the end of a path; without recursion, and once for each state, so that cycles end."""
    waiting: list[tuple[Node, _State]] = [(root, state)]
    seen: set[tuple[int, _State]] = set()
    while waiting:
        node, state = waiting.pop()
        if not state or (id(node), state) in seen:
            continue
        seen.add((id(node), state))
        if () in state:
            yield node
        if isinstance(node, yaml_nodes.Sequence):
            after = _after(state, None)
            waiting.extend((item, after) for item in node.items)
        elif isinstance(node, yaml_nodes.Mapping):
            waiting.extend(_into_mapping(node, state))


def _into_mapping(node: yaml_nodes.Mapping, state: _State) -> Iterator[tuple[Node, _State]]:
    for key, value in node.pairs:
        if isinstance(key, Scalar) and key.value == _MERGE and not key.style:
            # What is merged in counts as this mapping's own (yaml.org/type/merge.html).
            merged = value.items if isinstance(value, yaml_nodes.Sequence) else [value]
            yield from ((part, state) for part in merged)
        else:
            yield value, _after(state, key.value if isinstance(key, Scalar) else "")


def _after(state: _State, key: str | None) -> _State:
    """The state below a key, or below an item when the key is `None`."""
    return frozenset(rest for path in state for rest in _advance(path, key))


def _advance(path: _Path, key: str | None) -> Iterator[_Path]:
    if not path:
        return
    step, rest = path[0], path[1:]
    if step == _DEEP:
        yield path
        yield from _advance(rest, key)
    elif (key is None and step == _ITEM) or (key is not None and step in (_ANY, key)):
        yield rest


def _site(text: str, node: Node) -> Site | None:
    """The reference in a node, exactly; `None` for a node that is no reference, such as an empty one."""
    if not isinstance(node, Scalar):
        # `{{ x }}` without quotes is a mapping in a mapping
        written = text[node.start : node.end]
        return Site(node.start, node.end, written) if _TEMPLATE.match(written) else None
    value = node.value.strip() if node.style in _BLOCK_STYLES else node.value
    if not value:
        return None
    start, end = _content(text, node)
    # Taken from the text rather than trusted to the parser: what is replaced is what was read, or nothing is.
    if text[start:end] != value:
        return Site(node.start, node.end, value, "it is written with escapes or over several lines")
    return Site(start, end, value)


def _content(text: str, node: Scalar) -> tuple[int, int]:
    """Where a scalar's content stands, without anchor, tag, quotes or the header and indent of a block."""
    properties = _PROPERTIES.match(text, node.start, node.end)
    start, end = properties.end() if properties else node.start, node.end
    if node.style in _QUOTES:
        return start + 1, end - 1
    if node.style not in _BLOCK_STYLES:
        return start, end
    start = text.find("\n", start, end) + 1
    content = text[start:end]
    start += len(content) - len(content.lstrip())
    return start, start + len(content.strip())
