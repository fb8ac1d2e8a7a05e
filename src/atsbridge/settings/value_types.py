"""The types of single values in atsbridge.toml, each with one plain sentence for its errors.

A number without a unit is never a span, a date or a time of day. Larger modules are imported only
when a value of that type is used, to keep the start fast.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo
from pydantic_core import PydanticCustomError

NAME = r"^[a-z][a-z0-9_]{0,62}$"
MAX_SPAN = timedelta(days=36_500)  # a century, so that dates stay valid
STORES = ("sqlite", "postgresql", "postgres", "postgresql+psycopg")
MIN_SIZE, MAX_SIZE = 2**10, 2**40  # bytes
MAX_INTERRUPTIONS = 1000  # per day

_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([smhd])", re.ASCII)
_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([KMG]B)", re.IGNORECASE | re.ASCII)
_SIZES = {"KB": 2**10, "MB": 2**20, "GB": 2**30}
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SHARE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*%", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_EMAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?", re.IGNORECASE
)
_VARIABLE = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})", re.ASCII)
_HTTP = re.compile(r"https?://", re.IGNORECASE)

SPAN_FORM = "write a number and a unit in quotes, such as 90s, 30m, 2h or 180d"
CLOCK_FORM = "write a time of day in quotes, such as 09:30"


def _span(value: Any) -> timedelta:
    """ "180d" -> timedelta; wall-clock units s, m, h, d."""
    if isinstance(value, timedelta):
        return value
    match = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(SPAN_FORM)
    number, unit = float(match[1]), _UNITS[match[2]]
    if number * (timedelta(**{unit: 1}) / timedelta(days=1)) > MAX_SPAN.days:
        raise ValueError(f"this is too long: {MAX_SPAN.days}d are the most")
    return timedelta(**{unit: number})


def _positive(span: timedelta) -> timedelta:
    if span <= timedelta():
        raise ValueError("write a time longer than 0")
    return span


def _size(value: Any) -> int:
    """ "64MB" -> bytes; powers of 1024, as memory is counted."""
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError("write a number and a unit in quotes, such as 500KB, 64MB or 1GB")
    size = int(float(match[1]) * _SIZES[match[2].upper()])
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise ValueError("write a size from 1KB to 1024GB")
    return size


def _share(value: Any) -> float:
    """ "5%" -> 0.05."""
    match = _SHARE.fullmatch(value.strip()) if isinstance(value, str) else None
    share = float(match[1]) / 100 if match else value
    real = isinstance(share, int | float) and not isinstance(share, bool)
    if not real or not math.isfinite(share) or not 0 <= share <= 1:
        raise ValueError("write a share from 0% to 100% in quotes, such as 5%")
    return float(share)


def _amount(text: str) -> str:
    """A positive amount of working or wall-clock time, as rules write it."""
    from atsbridge.worktime import Duration

    if Duration.parse(text).span <= timedelta():
        raise ValueError("write a time longer than 0")
    return text


def _clock(text: str) -> time:
    match = _CLOCK.fullmatch(text.strip())
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise ValueError(CLOCK_FORM)
    return time(int(match[1]), int(match[2]))


def _time_of_day(value: Any) -> time:
    if isinstance(value, time):
        if value.tzinfo is not None:
            raise ValueError(f"{CLOCK_FORM}, without a zone")
        return value.replace(microsecond=0)
    if not isinstance(value, str):
        raise ValueError(CLOCK_FORM)  # noqa: TRY004  pydantic takes ValueError only
    return _clock(value)


def _nightly(value: Any) -> str:
    """ "2:00 europe/lisbon" -> "02:00 Europe/Lisbon"; UTC where no zone is given."""
    if isinstance(value, time):
        value = f"{value:%H:%M}"
    form = "write a time of day and a zone in quotes, such as 02:00 UTC or 02:00 Europe/Lisbon"
    parts = value.split() if isinstance(value, str) else []
    if len(parts) not in (1, 2):
        raise ValueError(form)
    try:
        at = _clock(parts[0])
    except ValueError:
        raise ValueError(form) from None
    return f"{at:%H:%M} {_zone(parts[1]) if parts[1:] else 'UTC'}"


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("there is no such day in the calendar") from None
    raise ValueError("write a day as year-month-day, such as 2026-12-24")


def _zone(text: str) -> str:
    from atsbridge.worktime import parse_zone

    return parse_zone(text)


def _country(text: str) -> str:
    from atsbridge.worktime import parse_country

    return parse_country(text)


def _region(region: str, others: ValidationInfo) -> str:
    """A region of the country beside it. An error in the country is reported there."""
    from atsbridge.worktime import parse_region

    if region.strip() and "country" in others.data:
        return parse_region(region, others.data["country"]).partition("-")[2]
    return region.strip()


def _hours(text: str) -> str:
    """Valid office hours."""
    from atsbridge.worktime import parse_hours

    parse_hours(text)
    return text


def _day_hours(text: str) -> str:
    """The office hours of one day."""
    from atsbridge.worktime import parse_day_hours

    parse_day_hours(text)
    return text


def check_email(text: str) -> str:
    address = text.strip()
    if not _EMAIL.fullmatch(address):
        raise ValueError("write one e-mail address, such as kim@acme.example")
    return address.lower()


def _person_key(text: str) -> str:
    address = text.strip()
    if not _EMAIL.fullmatch(address):
        raise ValueError('write an e-mail address in quotes: [people."kim@acme.example"]')
    return address.lower()


def _optional(check: Any) -> Any:
    """The check, for text that may be empty."""
    return lambda text: check(text) if text.strip() else ""


def _or_person(check: Any) -> Any:
    """The check, for text that may also be "person": the value of the person who has to act."""
    return lambda text: "person" if text.strip() == "person" else check(text)


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("this must not be empty")
    return text.strip()


_OUTSIDE = re.compile(rf"outside (?P<calendar>{NAME[1:-1]})")


def find_quiet_calendar(text: str) -> str:
    """The calendar in "outside CALENDAR"; "" where the text names none."""
    found = _OUTSIDE.fullmatch(text)
    return found["calendar"] if found else ""


def _quiet(text: str) -> str:
    if text and not find_quiet_calendar(text):
        raise ValueError('write "outside" and a calendar, such as "outside office", or "" for none')
    return text


def check_address(text: str) -> None:
    """ValueError if this is not a whole http or https address; the message shows none of it."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        sound = bool(_HTTP.match(text) and parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound or re.search(r"\s", text):
        raise ValueError("write a whole address, such as https://host/path")


def _address(url: SecretStr) -> SecretStr:
    """Empty, or a whole address."""
    text = url.get_secret_value().strip()
    if text:
        check_address(text)
    return SecretStr(text)


def _ical_source(source: SecretStr) -> SecretStr:
    """A file, a pattern of files, or an address; webcal is https. The message shows none of it."""
    text = source.get_secret_value().strip()
    if not text:
        raise ValueError("write a file, such as calendars/kim.ics, or an https address")
    scheme, mark, rest = text.partition("://")
    if not mark:
        return SecretStr(_pattern(text))
    text = f"{'https' if scheme.lower() == 'webcal' else scheme}://{rest}"
    check_address(text)
    return SecretStr(text)


def expanded(text: str) -> str:
    """A path with "~" and variables ("$HOME", "${HOME}") replaced.

    ValueError, as a plain sentence, where one of them is not known here.
    """
    import os

    path = text.strip()
    for name in (one or two for one, two in _VARIABLE.findall(path)):
        if not os.environ.get(name):
            raise ValueError(f"the environment variable {name} is not set: write the whole path")
    path = _VARIABLE.sub(lambda match: os.environ[match[1] or match[2]], path)
    if not path.startswith("~"):
        return path
    home = os.path.expanduser(path)  # noqa: PTH111  unlike Path, it does not raise
    if home.startswith("~"):
        raise ValueError('the home folder that "~" stands for is not known: write the whole path')
    return home


def _pattern(text: str) -> str:
    """A file, or a pattern of files, that `pathlib` can look for."""
    path = expanded(text)
    if any("**" in part and part != "**" for part in path.split("/")):
        raise ValueError('"**" stands for whole folders only, as in packs/**/*.yaml')
    return path


def check_store(text: str) -> str:
    """The address of the store, its scheme in lower case and its path expanded. ValueError, which
    shows none of it, where it leads to no store.
    """
    return _store_address(SecretStr(text)).get_secret_value()


def _store_address(url: SecretStr) -> SecretStr:
    """The address of a SQLite file or PostgreSQL database; the message shows none of it."""
    from urllib.parse import urlsplit

    text = url.get_secret_value().strip()
    scheme, colon, rest = text.partition(":")
    scheme = scheme.lower()
    sound = bool(colon) and rest.startswith("//") and scheme in STORES
    text = f"{scheme}:{rest}"
    if sound and scheme == "sqlite":
        file, question, _ = rest[3:].partition("?")
        if question:
            raise ValueError('a SQLite file takes no options: leave out what begins with "?"')
        sound = rest.startswith("///") and file.strip("/") not in ("", ":memory:")
        text = f"{scheme}:///{expanded(file)}"
    elif sound:
        try:
            _ = urlsplit(text).port
        except ValueError:
            raise ValueError("the port in this address is not a number from 1 to 65535") from None
    if not sound:
        raise ValueError(
            'write "sqlite:///atsbridge.db", with three slashes, or '
            '"postgresql://user@host/database"'
        )
    return SecretStr(text)


def _whole(value: Any) -> Any:
    """Refuse values that pydantic would convert to a whole number: true, 3.0, 3e2."""
    if isinstance(value, bool | float):
        raise PydanticCustomError("int_type", "write a whole number")
    return value


Text = Annotated[str, AfterValidator(str.strip)]
Filled = Annotated[str, AfterValidator(_filled)]
File = Annotated[str, AfterValidator(expanded)]
Pattern = Annotated[str, AfterValidator(_pattern)]
FilledPattern = Annotated[str, AfterValidator(_filled), AfterValidator(_pattern)]
Name = Annotated[str, Field(pattern=NAME)]
Span = Annotated[timedelta, BeforeValidator(_span)]
PositiveSpan = Annotated[timedelta, AfterValidator(_positive), BeforeValidator(_span)]
Size = Annotated[int, BeforeValidator(_size)]  # bytes
Share = Annotated[float, BeforeValidator(_share)]
Whole = Annotated[int, BeforeValidator(_whole)]
Duration = Annotated[str, AfterValidator(_amount)]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
Nightly = Annotated[str, BeforeValidator(_nightly)]
Day = Annotated[date, BeforeValidator(_day)]
Zone = Annotated[str, AfterValidator(_zone)]
ZoneOrNone = Annotated[str, AfterValidator(_optional(_zone))]
ZoneOrPerson = Annotated[str, AfterValidator(_or_person(_zone))]
CountryOrNone = Annotated[str, AfterValidator(_optional(_country))]
Region = Annotated[str, AfterValidator(_region)]  # after the field `country`
CountryOrPerson = Annotated[str, AfterValidator(_or_person(_optional(_country)))]
Hours = Annotated[str, AfterValidator(_hours)]
DayHours = Annotated[str, AfterValidator(_day_hours)]
Email = Annotated[str, AfterValidator(check_email)]
EmailOrNone = Annotated[str, AfterValidator(_optional(check_email))]
PersonKey = Annotated[str, AfterValidator(_person_key)]
QuietHours = Annotated[str, AfterValidator(_quiet)]
Address = Annotated[SecretStr, AfterValidator(_address)]
IcalSource = Annotated[SecretStr, AfterValidator(_ical_source)]
StoreAddress = Annotated[SecretStr, AfterValidator(_store_address)]
