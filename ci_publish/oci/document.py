"""The JSON documents of the image specification, read from bytes nobody vouches for."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Never

from ci_publish.errors import MalformedError

# Registries need not take manifests above 4 MiB (distribution-spec, "Pushing Manifests"); skopeo holds
# configs to the same limit.
MAX_DOCUMENT_SIZE = 4 * 1024 * 1024

JsonObject = dict[str, Any]


def parse_object(data: bytes, what: str) -> JsonObject:
    """The JSON object in these bytes.

    Args:
        data: UTF-8 text, at most `MAX_DOCUMENT_SIZE` bytes.
        what: the document's name in messages.

    Raises:
        MalformedError: it is too large, not JSON, not an object, or names a key twice.
    """
    value = parse_json(data, what)
    if not isinstance(value, dict):
        raise MalformedError(f"{what} is not a JSON object")
    return value


def parse_array(data: bytes, what: str) -> list[Any]:
    """The JSON array in these bytes; arguments and errors as in `parse_object`."""
    value = parse_json(data, what)
    if not isinstance(value, list):
        raise MalformedError(f"{what} is not a JSON array")
    return value


def parse_json(data: bytes, what: str) -> Any:
    """The JSON value in these bytes; arguments and errors as in `parse_object`."""
    if len(data) > MAX_DOCUMENT_SIZE:
        raise MalformedError(f"{what} has {len(data)} bytes; the limit is {MAX_DOCUMENT_SIZE}")
    try:
        return _load(data.decode())
    except RecursionError:
        raise MalformedError(f"{what} is nested too deeply") from None
    except ValueError as error:
        raise MalformedError(f"{what} is not valid JSON: {error}") from None


def canonical(value: JsonObject) -> bytes:
    """The bytes that we write for a document: compact, keys in the order given."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def field(document: JsonObject, name: str, kind: type, what: str, *, required: bool = True) -> Any:
    """The value of one field, of the JSON kind it must have.

    Args:
        document: a parsed JSON object.
        name: the field.
        kind: `str`, `int`, `list` or `dict`.
        what: the document's name in messages.
        required: whether absence (or `null`, which several builders write for an empty list) is an error;
            where it is not, an empty value of the kind is returned.

    Raises:
        MalformedError: the field is missing or of another kind.
    """
    value = document.get(name)
    if value is None:
        if required:
            raise MalformedError(f"{what} has no {name!r}")
        return kind()
    # bool is an int in Python, but `true` is no number in JSON
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise MalformedError(f"{name!r} in {what} is not {_KIND_NAMES[kind]}")
    return value


def string_map(document: JsonObject, name: str, what: str) -> dict[str, str]:
    """An optional object of strings, such as annotations; empty when absent."""
    value: JsonObject = field(document, name, dict, what, required=False)
    for key, item in value.items():
        if not isinstance(item, str):
            raise MalformedError(f"{name}[{key[:80]!r}] in {what} is not a string")
    return value


def string_list(document: JsonObject, name: str, what: str, *, required: bool = False) -> tuple[str, ...]:
    """A list of strings; empty when absent unless `required`."""
    value: list[Any] = field(document, name, list, what, required=required)
    for item in value:
        if not isinstance(item, str):
            raise MalformedError(f"{name!r} in {what} holds something other than strings")
    return tuple(value)


_KIND_NAMES = {str: "a string", int: "a whole number", list: "a list", dict: "an object"}


def _load(text: str) -> Any:
    value = json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
    # JSON can escape half of a surrogate pair, and a text with such a half can be written nowhere.
    if "\\ud" in text.lower():
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("a string holds half of a surrogate pair") from None
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> JsonObject:
    # Two readers that keep different ones of two equal keys see two different images (CVE-2021-41190's kind).
    result = dict(pairs)
    if len(result) != len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise ValueError(f"key {twice[:80]!r} stands twice in one object")
    return result


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")
