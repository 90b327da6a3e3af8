from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import MalformedError
from ci_publish.oci.document import (
    MAX_DOCUMENT_SIZE,
    canonical,
    field,
    parse_array,
    parse_json,
    parse_object,
    string_list,
    string_map,
)

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(texts, values, max_size=4))
def test_canonical_bytes_are_read_as_they_were(document: dict[str, Any]) -> None:
    assert parse_object(canonical(document), "it") == document
    assert canonical(parse_object(canonical(document), "it")) == canonical(document)


@given(st.binary(max_size=60) | st.text('{}[]",:0123eE.-ntf\\u d8', max_size=40).map(str.encode))
def test_any_bytes_are_json_or_malformed(data: bytes) -> None:
    try:
        value = parse_json(data, "it")
    except MalformedError:
        return
    assert json.loads(data) == value
    canonical({"it": value})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not valid JSON"),
        (b"\xef\xbb\xbf{}", "not valid JSON"),
        (b'{"a":"\xff"}', "not valid JSON"),
        (b'{"a":NaN}', "NaN is not JSON"),
        (b'{"a":-Infinity}', "Infinity is not JSON"),
        (b'{"a":1,"a":1}', "stands twice"),
        (b'{"b":{"a":1,"\\u0061":2}}', "stands twice"),
        (b'{"a":"\\ud800"}', "half of a surrogate pair"),
        (b'{"\\uDFFF":1}', "half of a surrogate pair"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' + b"9" * 10_000 + b"}", "not valid JSON"),
        (b"[]", "is not a JSON object"),
        (b" " * (MAX_DOCUMENT_SIZE + 1), "the limit is"),
    ],
)
def test_what_is_no_object_is_malformed(data: bytes, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        parse_object(data, "it")


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert parse_object(b'{"a":"\\ud83d\\ude00"}', "it") == {"a": "\N{GRINNING FACE}"}


def test_an_object_is_no_array() -> None:
    assert parse_array(b"[1]", "it") == [1]
    with pytest.raises(MalformedError, match="is not a JSON array"):
        parse_array(b"{}", "it")


def test_many_keys_with_one_twice_are_refused_quickly() -> None:
    keys = [*map(str, range(200_000)), "199999"]
    data = ("{" + ",".join(f'"{key}":0' for key in keys) + "}").encode()
    start = time.monotonic()
    with pytest.raises(MalformedError, match="'199999' stands twice"):
        parse_object(data, "it")
    # comparing each key with each takes minutes
    assert time.monotonic() - start < 10


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [(str, "x", 1), (int, 1, "1"), (int, 0, True), (int, 1, 1.0), (list, [1], {}), (dict, {"a": 1}, [])],
)
def test_a_field_is_of_its_kind(kind: type, right: object, wrong: object) -> None:
    assert field({"a": right}, "a", kind, "it") == right
    with pytest.raises(MalformedError, match="'a' in it is not"):
        field({"a": wrong}, "a", kind, "it")


@pytest.mark.parametrize("document", [{}, {"a": None}])
def test_an_absent_field_is_empty_or_an_error(document: dict[str, Any]) -> None:
    assert field(document, "a", dict, "it", required=False) == {}
    with pytest.raises(MalformedError, match="it has no 'a'"):
        field(document, "a", str, "it")


def test_strings_are_strings_throughout() -> None:
    assert string_map({"a": {"k": "v"}}, "a", "it") == {"k": "v"}
    assert string_list({"a": ["x", "y"]}, "a", "it") == ("x", "y")
    for wrong in ({"k": 1}, ["x"], {"k": None}):
        with pytest.raises(MalformedError):
            string_map({"a": wrong}, "a", "it")
    for other in (["x", 1], {"x": "y"}, "xy"):
        with pytest.raises(MalformedError):
            string_list({"a": other}, "a", "it")
