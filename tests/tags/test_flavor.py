import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import UsageError
from ci_publish.tags.flavor import Flavor, parse_flavor


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Flavor()),
        ("latest=true", Flavor(latest="true")),
        ("LATEST = false", Flavor(latest="false")),
        ("prefix=a-\nprefix=b-", Flavor(prefix="b-")),
        ("prefix=a=b", Flavor(prefix="a")),
        ("suffix=-s,onlatest=true", Flavor(suffix="-s", suffix_on_latest=True)),
        (
            "prefix=p-,onlatest=true,suffix=-s,onlatest=true",
            Flavor(prefix="p-", suffix="-s", prefix_on_latest=True, suffix_on_latest=True),
        ),
        ("prefix=p-\nonlatest=true", Flavor(prefix="p-")),
        ("# none", Flavor()),
    ],
)
def test_attributes(text: str, expected: Flavor) -> None:
    assert parse_flavor(text) == expected


@pytest.mark.parametrize("text", ["latest", "latest=yes", "onlatest=1", "prefx=a", "=a", 'prefix="a"'])
def test_what_is_wrong_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_flavor(text)


def test_latest_has_only_the_affixes_that_are_for_it() -> None:
    assert parse_flavor("prefix=p-,onlatest=true,suffix=-s").latest_tag == "p-latest"


@given(text=st.text(alphabet="latesprfixon=u,\n-", max_size=30))
def test_any_text_is_a_flavor_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert parse_flavor(text).latest in {"auto", "true", "false"}
