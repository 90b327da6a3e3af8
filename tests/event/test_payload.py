import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import UsageError
from ci_publish.event.payload import MAX_PAYLOAD_SIZE, Payload

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
)


def payload(document: dict[str, Any]) -> Payload:
    return Payload.parse(json.dumps(document).encode(), "the payload")


def test_values_are_found_by_path() -> None:
    found = payload({"number": 7, "a": {"b": "x"}, "list": [{"id": "1"}, "noise"]})
    assert found.number("number") == 7
    assert found.text("a", "b") == "x"
    assert found.object("a").text("b") == "x"
    assert [item.text("id") for item in found.objects("list")] == ["1"]


def test_what_is_absent_or_null_is_empty() -> None:
    found = payload({"a": None})
    assert (found.text("a", "b"), found.number("n"), found.objects("l")) == ("", 0, ())
    assert found.object("o").document == {}


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_object_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError, match="the payload"):
        Payload.parse(data, "the payload")


def test_a_huge_one_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(UsageError, match="larger"):
        Payload.parse(b" " * (MAX_PAYLOAD_SIZE + 1), "the payload")


@given(value=JSON)
def test_any_shape_gives_the_kind_asked_for_or_a_usage_error(value: Any) -> None:
    found = payload({"a": value})
    for read, kind in ((found.text, str), (found.number, int), (found.objects, tuple), (found.object, Payload)):
        for path in (("a",), ("a", "b")):
            with contextlib.suppress(UsageError):
                assert isinstance(read(*path), kind)
