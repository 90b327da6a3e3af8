import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.event.javascript_number import number


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("  ", 0), (" 8 ", 8), ("1e3", 1000), ("0x3E8", 1000), ("0b11", 3), ("7.9", 7.9), (".5", 0.5), ("5.", 5)],
)
def test_numbers(text: str, expected: float) -> None:
    assert number(text) == expected


@pytest.mark.parametrize("text", ["abc", "1_000", "1e", "0x", "-0x1", "nan", "inf", "infinity", "1 2", "٣"])
def test_no_numbers(text: str) -> None:
    assert math.isnan(number(text))


@given(text=st.text(alphabet="0123456789abcdefxXoObBeE+-. Infinity", max_size=400))
def test_any_text_is_a_number_or_none(text: str) -> None:
    assert isinstance(number(text), float)


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_what_python_writes_is_read_back(value: float) -> None:
    assert number(repr(value)) == value
