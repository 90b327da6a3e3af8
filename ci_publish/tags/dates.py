"""Dates in the formats of Moment.js, English locale, as `{{date 'YYYYMMDD'}}` uses them.

Source: momentjs.com/docs/#/displaying/format/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo

from ci_publish.errors import UsageError

_ISO = "YYYY-MM-DDTHH:mm:ssZ"
_ISO_UTC = "YYYY-MM-DDTHH:mm:ss[Z]"
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

_TOKEN = re.compile(
    r"(?P<literal>\[[^\[]*\])|(?P<escaped>\\)?(?P<token>[Hh]mm(?:ss)?|Mo|MM?M?M?|Do|DDDo|DD?D?D?|ddd?d?|do?|w[ow]?|W[oW]?|"
    r"Qo?|N{1,5}|YYYYYY|YYYYY|YYYY|YY|y{2,4}|yo?|gg(?:ggg?)?|GG(?:GGG?)?|e|E|a|A|hh?|HH?|kk?|mm?|ss?|S{1,9}|x|X|"
    r"zz?|ZZ?|.)",
    re.DOTALL,
)
_LOCALE_TOKEN = re.compile(r"\[[^\[]*\]|\\(?:LTS|LT|L{1,4}|l{1,4})|(?P<token>LTS|LT|L{1,4}|l{1,4})")
_LOCALE_FORMATS: Mapping[str, str] = {
    "LTS": "h:mm:ss A",
    "LT": "h:mm A",
    "L": "MM/DD/YYYY",
    "LL": "MMMM D, YYYY",
    "LLL": "MMMM D, YYYY h:mm A",
    "LLLL": "dddd, MMMM D, YYYY h:mm A",
    "l": "M/D/YYYY",
    "ll": "MMM D, YYYY",
    "lll": "MMM D, YYYY h:mm A",
    "llll": "ddd, MMM D, YYYY h:mm A",
}  # fmt: skip


def format_date(time: datetime, template: str, zone_name: str) -> str:
    """A time in a Moment.js format.

    Args:
        time: with a time zone.
        template: such as `YYYYMMDD-HHmmss`; an empty one is ISO 8601.
        zone_name: IANA name of the zone to show it in, in any case.

    Raises:
        UsageError: the zone is unknown, or the time has no date in it.
    """
    try:
        time = time.astimezone(_zone(zone_name))
    except OverflowError:
        raise UsageError(f"{time.isoformat()} has no date in {zone_name}") from None
    template = template or (_ISO_UTC if time.tzinfo is UTC else _ISO)
    template = _LOCALE_TOKEN.sub(lambda match: _LOCALE_FORMATS.get(match["token"] or "", match[0]), template)
    return "".join(_piece(match, time) for match in _TOKEN.finditer(template))


def _piece(match: re.Match[str], time: datetime) -> str:
    if match["literal"]:
        return match["literal"][1:-1]
    token = match["token"]
    if token in _TOKENS and not match["escaped"]:
        return _TOKENS[token](time)
    # a backslash says that what follows is text, and is none itself
    return token.replace("\\", "")


def _zone(name: str) -> tzinfo:
    if name.upper() == "UTC":
        return UTC
    # read from the system when a zone is asked for, which few do
    from zoneinfo import ZoneInfo, available_timezones  # noqa: PLC0415

    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        names = {known.lower(): known for known in available_timezones()}
    if not names:
        raise UsageError("this machine has no time zones", hint="install the package tzdata") from None
    if name.lower() not in names:
        raise UsageError(f"there is no time zone {name[:60]!r}", hint="names are such as Europe/Paris") from None
    return ZoneInfo(names[name.lower()])


def _ordinal(value: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{'th' if 10 < value % 100 < 20 else suffix}"


def _weekday(time: date) -> int:
    """0 for Sunday."""
    return time.isoweekday() % 7


def _week(time: datetime) -> tuple[int, int]:
    """Year and number of the week: it starts on Sunday, and the first one holds January 1st."""
    # its Saturday decides, by ordinal because that may lie beyond the last year a date can have
    to_saturday = 6 - _weekday(time)
    first_day = date(time.year, 1, 1).toordinal()
    next_year = first_day + (366 if _is_leap(time.year) else 365)
    saturday = time.toordinal() + to_saturday
    if saturday >= next_year:
        return time.year + 1, 1
    return time.year, (saturday - first_day) // 7 + 1


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _hour12(time: datetime) -> int:
    return time.hour % 12 or 12


def _offset(time: datetime, separator: str) -> str:
    offset = time.utcoffset() or timedelta()
    minutes = int(offset.total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{separator}{abs(minutes) % 60:02}"


def _day_of_year(time: datetime) -> int:
    return time.timetuple().tm_yday


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() // 1) * 1000 + time.microsecond // 1000


_WHOLE_TOKENS: Mapping[str, Callable[[datetime], str]] = {
    "M": lambda time: str(time.month),
    "Mo": lambda time: _ordinal(time.month),
    "MM": lambda time: f"{time.month:02}",
    "MMM": lambda time: _MONTHS[time.month - 1][:3],
    "MMMM": lambda time: _MONTHS[time.month - 1],
    "Q": lambda time: str((time.month + 2) // 3),
    "Qo": lambda time: _ordinal((time.month + 2) // 3),
    "D": lambda time: str(time.day),
    "Do": lambda time: _ordinal(time.day),
    "DD": lambda time: f"{time.day:02}",
    "DDD": lambda time: str(_day_of_year(time)),
    "DDDo": lambda time: _ordinal(_day_of_year(time)),
    "DDDD": lambda time: f"{_day_of_year(time):03}",
    "d": lambda time: str(_weekday(time)),
    "do": lambda time: _ordinal(_weekday(time)),
    "dd": lambda time: _DAYS[_weekday(time)][:2],
    "ddd": lambda time: _DAYS[_weekday(time)][:3],
    "dddd": lambda time: _DAYS[_weekday(time)],
    "e": lambda time: str(_weekday(time)),
    "E": lambda time: str(time.isoweekday()),
    "w": lambda time: str(_week(time)[1]),
    "wo": lambda time: _ordinal(_week(time)[1]),
    "ww": lambda time: f"{_week(time)[1]:02}",
    "gg": lambda time: f"{_week(time)[0] % 100:02}",
    "gggg": lambda time: f"{_week(time)[0]:04}",
    "ggggg": lambda time: f"{_week(time)[0]:05}",
    "W": lambda time: str(time.isocalendar().week),
    "Wo": lambda time: _ordinal(time.isocalendar().week),
    "WW": lambda time: f"{time.isocalendar().week:02}",
    "GG": lambda time: f"{time.isocalendar().year % 100:02}",
    "GGGG": lambda time: f"{time.isocalendar().year:04}",
    "GGGGG": lambda time: f"{time.isocalendar().year:05}",
    "YY": lambda time: f"{time.year % 100:02}",
    "Y": lambda time: f"{time.year:04}",
    "YYYY": lambda time: f"{time.year:04}",
    "YYYYY": lambda time: f"{time.year:05}",
    "YYYYYY": lambda time: f"+{time.year:06}",
    "y": lambda time: str(time.year),
    "yo": lambda time: _ordinal(time.year),
    "yy": lambda time: f"{time.year:02}",
    "yyy": lambda time: f"{time.year:03}",
    "yyyy": lambda time: f"{time.year:04}",
    "N": lambda _: "AD",
    "NN": lambda _: "AD",
    "NNN": lambda _: "AD",
    "NNNN": lambda _: "Anno Domini",
    "NNNNN": lambda _: "AD",
    "A": lambda time: "AM" if time.hour < 12 else "PM",
    "a": lambda time: "am" if time.hour < 12 else "pm",
    "H": lambda time: str(time.hour),
    "HH": lambda time: f"{time.hour:02}",
    "h": lambda time: str(_hour12(time)),
    "hh": lambda time: f"{_hour12(time):02}",
    "k": lambda time: str(time.hour or 24),
    "kk": lambda time: f"{time.hour or 24:02}",
    "hmm": lambda time: f"{_hour12(time)}{time.minute:02}",
    "hmmss": lambda time: f"{_hour12(time)}{time.minute:02}{time.second:02}",
    "Hmm": lambda time: f"{time.hour}{time.minute:02}",
    "Hmmss": lambda time: f"{time.hour}{time.minute:02}{time.second:02}",
    "m": lambda time: str(time.minute),
    "mm": lambda time: f"{time.minute:02}",
    "s": lambda time: str(time.second),
    "ss": lambda time: f"{time.second:02}",
    "z": lambda time: time.tzname() or "",
    "zz": lambda time: time.tzname() or "",
    "Z": lambda time: _offset(time, ":"),
    "ZZ": lambda time: _offset(time, ""),
    "X": lambda time: str(int(time.timestamp() // 1)),
    "x": lambda time: str(_milliseconds(time)),
}


def _fraction(digits: int) -> Callable[[datetime], str]:
    # whole milliseconds, as JavaScript has them
    return lambda time: f"{time.microsecond // 1000:03}000000"[:digits]


_TOKENS: Mapping[str, Callable[[datetime], str]] = {
    **_WHOLE_TOKENS,
    **{"S" * digits: _fraction(digits) for digits in range(1, 10)},
}
