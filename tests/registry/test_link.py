from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.registry.link import next_page


@pytest.mark.parametrize(
    ("values", "target"),
    [
        (['</v2/a/tags/list?last=b&n=2>; rel="next"'], "/v2/a/tags/list?last=b&n=2"),
        (["</x>; rel=next"], "/x"),
        (["</x>;rel=NEXT;title=y"], "/x"),
        (['</x>; rel="prev next"'], "/x"),
        (['</p>; rel="prev", </x,y;z>; title="a, b"; rel="next"'], "/x,y;z"),
        (["</p>; rel=prev", "</x>; rel=next"], "/x"),
        (['</x>; rel="nextish"'], None),
        (["</x>; rel=prev"], None),
        (["</x>"], None),
        ([], None),
    ],
)
def test_next_page(values: list[str], target: str | None) -> None:
    assert next_page(values) == target


@given(st.lists(st.text(), max_size=3))
def test_any_text_is_read(values: list[str]) -> None:
    target = next_page(values)
    assert target is None or any(f"<{target}>" in value for value in values)


def test_a_long_hostile_header_is_read_in_time() -> None:
    assert next_page(["<a>" + "; a" * 50_000]) is None
    assert next_page(["<" * 50_000]) is None
