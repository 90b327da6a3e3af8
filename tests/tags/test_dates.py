from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import UsageError
from ci_publish.tags.dates import format_date

TIME = datetime(2026, 3, 5, 7, 8, 9, 123456, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1902, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is the strategy's


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("", "2026-03-05T07:08:09Z"),
        ("YYYYMMDD-HHmmss", "20260305-070809"),
        ("YY Y YYYYY YYYYYY YYY", "26 2026 02026 +002026 262026"),
        ("M Mo MM MMM MMMM", "3 3rd 03 Mar March"),
        ("Q Qo D Do DD DDD DDDo DDDD", "1 1st 5 5th 05 64 64th 064"),
        ("d do dd ddd dddd e E", "4 4th Th Thu Thursday 4 4"),
        ("w wo ww W Wo WW gggg GGGG gg GG ggggg", "10 10th 10 10 10th 10 2026 2026 26 26 02026"),
        ("H HH h hh k kk A a", "7 07 7 07 7 07 AM am"),
        ("hmm hmmss Hmm Hmmss m s", "708 70809 708 70809 8 9"),
        ("S SS SSS SSSS SSSSSSSSS", "1 12 123 1230 123000000"),
        ("Z ZZ z X x", "+00:00 +0000 UTC 1772694489 1772694489123"),
        ("N NNNN y", "AD Anno Domini 2026"),
        ("LT LTS L LL", "7:08 AM 7:08:09 AM 03/05/2026 March 5, 2026"),
        ("l ll lll llll", "3/5/2026 Mar 5, 2026 Mar 5, 2026 7:08 AM Thu, Mar 5, 2026 7:08 AM"),
        ("[v]YYYY [LL] [[x]]", "v2026 LL [x]"),
        (r"\YYYY \L", "YYYY L"),
        ("a\\\\b\\", "amb"),
        ("T-T! G é", "T-T! G é"),
    ],
)
def test_formats(template: str, expected: str) -> None:
    assert format_date(TIME, template, "UTC") == expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("utc", "07:08 +00:00 UTC"),
        ("Asia/Tokyo", "16:08 +09:00 JST"),
        ("asia/TOKYO", "16:08 +09:00 JST"),
        ("America/New_York", "02:08 -05:00 EST"),
        ("Asia/Kathmandu", "12:53 +05:45 +0545"),
        ("America/St_Johns", "03:38 -03:30 NST"),
    ],
)
def test_zones(zone: str, expected: str) -> None:
    assert format_date(TIME, "HH:mm Z z", zone) == expected


def test_the_empty_format_shows_the_offset_elsewhere() -> None:
    assert format_date(TIME, "", "Asia/Tokyo") == "2026-03-05T16:08:09+09:00"


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "", "../../etc/passwd", "/etc/localtime", "Europe", "a\0b", "x" * 300]
)
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(UsageError, match="no time zone"):
        format_date(TIME, "YYYY", zone)


def test_a_time_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(UsageError, match="no date"):
        format_date(datetime(9999, 12, 31, 23, tzinfo=UTC), "YYYY", "Asia/Tokyo")


@given(time=MOMENTS)
def test_it_agrees_with_strftime(time: datetime) -> None:
    ours = format_date(time, "YYYY-MM-DD HH:mm:ss ddd dddd MMM MMMM DDDD hh A YY E GGGG-[W]WW", "UTC")
    assert ours == time.strftime("%Y-%m-%d %H:%M:%S %a %A %b %B %j %I %p %y %u %G-W%V")


@given(time=MOMENTS)
def test_weeks_start_on_sunday_and_the_first_holds_january_first(time: datetime) -> None:
    year, week = map(int, format_date(time, "gggg w", "UTC").split())
    january_first = date(year, 1, 1)
    start = january_first - timedelta(days=january_first.isoweekday() % 7) + timedelta(weeks=week - 1)
    assert start <= time.date() < start + timedelta(weeks=1)


@given(time=MOMENTS, template=st.text(max_size=20), zone=st.sampled_from(["UTC", "Asia/Tokyo"]))
def test_any_format_gives_a_text(time: datetime, template: str, zone: str) -> None:
    assert isinstance(format_date(time, template, zone), str)


@given(time=MOMENTS, text=st.text(alphabet=st.characters(exclude_characters="[]"), max_size=10))
def test_what_is_in_brackets_stays(time: datetime, text: str) -> None:
    assert format_date(time, f"[{text}]YYYY", "UTC") == f"{text}{time.year}"
