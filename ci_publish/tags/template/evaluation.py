"""Templates turned into text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ci_publish.errors import UsageError
from ci_publish.tags.template.syntax import Block, Call, Expression, Literal, Node, Path, Value


@dataclass(frozen=True, slots=True)
class Frame:
    """What names mean at one place of a template."""

    this: Value
    parent: Frame | None = None
    data: Mapping[str, Value] = field(default_factory=dict)


def render(nodes: Sequence[Node], frame: Frame) -> str:
    """The text of these nodes.

    Raises:
        UsageError: a helper is unknown or refuses its arguments.
    """
    return "".join(_render_node(node, frame) for node in nodes)


def _render_node(node: Node, frame: Frame) -> str:
    match node:
        case str():
            return node
        case Call():
            return _as_text(_evaluate(node, frame))
        case Block():
            return _render_block(node, frame)


def _render_block(block: Block, frame: Frame) -> str:
    name = ".".join(block.call.path.parts)
    if name not in {"if", "unless", "each", "with"}:
        return _render_for(block, _evaluate(block.call, frame), frame)
    if len(block.call.arguments) != 1:
        raise UsageError(f"#{name} needs one argument")
    value = _evaluate(block.call.arguments[0], frame)
    if callable(value):
        value = value((), {})
    if name == "each":
        return _render_each(block, value, frame)
    if name == "with":
        return (
            render(block.otherwise, frame) if _is_empty(value) else render(block.body, Frame(value, frame, frame.data))
        )
    # 0 is a value for #with but no reason for #if
    holds = not _is_empty(value) and value != 0
    return render(block.body if holds == (name == "if") else block.otherwise, frame)


def _render_for(block: Block, value: Value, frame: Frame) -> str:
    """A block on a value: repeated for a list, left out for nothing, else with the value as its context."""
    if value is None or value is False:
        return render(block.otherwise, frame)
    if isinstance(value, (list, tuple)):
        return _render_each(block, value, frame)
    return render(block.body, frame if value is True else Frame(value, frame, frame.data))


def _render_each(block: Block, value: Value, frame: Frame) -> str:
    if isinstance(value, Mapping):
        items = list(value.items())
    else:
        items = list(enumerate(value)) if isinstance(value, (list, tuple)) else []
    if not items:
        return render(block.otherwise, frame)
    last = len(items) - 1
    return "".join(
        render(
            block.body,
            Frame(item, frame, {"index": position, "key": key, "first": position == 0, "last": position == last}),
        )
        for position, (key, item) in enumerate(items)
    )


def _evaluate(expression: Expression, frame: Frame) -> Value:
    match expression:
        case Literal():
            return expression.value
        case Path():
            return _look_up(expression, frame)
        case Call():
            return _call(expression, frame)


def _call(call: Call, frame: Frame) -> Value:
    value = _look_up(call.path, frame)
    if callable(value):
        arguments = [_evaluate(argument, frame) for argument in call.arguments]
        return value(arguments, {name: _evaluate(option, frame) for name, option in call.options})
    if value is None and (call.arguments or call.options):
        raise UsageError(f"there is no helper {'.'.join(call.path.parts)!r} here")
    return value


def _look_up(path: Path, frame: Frame) -> Value:
    for _ in range(path.up):
        frame = frame.parent or frame
    value = frame.data if path.is_data else frame.this
    for part in path.parts:
        value = _member(value, part)
    return value


def _member(value: Value, name: str) -> Value:
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, (str, list, tuple)):
        if name == "length":
            return len(value)
        if name.isascii() and name.isdigit() and int(name) < len(value):
            return value[int(name)]
    return None


def _is_empty(value: Value) -> bool:
    return value is None or value is False or value in ("", [], ())


def _as_text(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return ",".join(_as_text(item) for item in value)
        case Mapping():
            return "[object Object]"
        case _:
            return str(value)
