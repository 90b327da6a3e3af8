from hypothesis import given
from hypothesis import strategies as st

from ci_publish.actions.sizes import format_size

UNITS = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}


@given(st.integers(min_value=0, max_value=999 * 10**12))
def test_size_is_within_half_of_its_last_figure(count: int) -> None:
    number, unit = format_size(count).split()

    assert abs(float(number) * UNITS[unit] - count) <= 0.0051 * count
    assert len(number.replace(".", "")) <= 3


@given(st.integers(min_value=0, max_value=10**15))
def test_number_stays_below_the_next_unit(count: int) -> None:
    number, unit = format_size(count).split()

    assert unit == "TB" or float(number) < 1000
