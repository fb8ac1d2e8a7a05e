"""Days off are found in calendars as Google, Outlook and Apple export them. All invented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date
from zoneinfo import ZoneInfo

import pytest

from atsbridge.absences import IcalOptions, UnusableCalendarError, find_absences
from atsbridge.absences.ical_absences import MAX_EVENTS, MAX_SERIES, MAX_SPANS

OPTIONS = IcalOptions(first=date(2026, 3, 1), last=date(2026, 12, 31))


def ics(*events: str, head: str = "") -> bytes:
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//invented//EN\n{head}{body}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def days(data: bytes, options: IcalOptions = OPTIONS) -> Mapping[str, list[str]]:
    found = find_absences(data, options)
    return {who: [f"{one.first}/{one.last}" for one in spans] for who, spans in found.items()}


ALL_DAY = "UID:1\nDTSTART;VALUE=DATE:20260309\nDTEND;VALUE=DATE:20260311\nSUMMARY:Private"
GOOGLE = (
    "UID:7kukuqrfedlm2f9t0c@google.invalid\nDTSTAMP:20260301T120000Z\n"
    "DTSTART:20260309T050000Z\nDTEND:20260310T045900Z\nSUMMARY:Out of office\nTRANSP:OPAQUE"
)
OUTLOOK = (
    "UID:040000008200E00074C5B7101A82E008\n"
    "DTSTART;TZID=W. Europe Standard Time:20260309T080000\n"
    "DTEND;TZID=W. Europe Standard Time:20260310T180000\n"
    "SUMMARY:Away\nX-MICROSOFT-CDO-BUSYSTATUS:OOF\nX-MICROSOFT-CDO-ALLDAYEVENT:FALSE"
)
APPLE_ZONE = """BEGIN:VTIMEZONE
TZID:Company/Standard
BEGIN:STANDARD
DTSTART:20001029T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20000326T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""
FRIDAYS = (
    "UID:f\nDTSTART;VALUE=DATE:20260306\nRRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=4\n"
    "EXDATE;VALUE=DATE:20260313\nSUMMARY:Friday off"
)
MOVED = "UID:f\nRECURRENCE-ID;VALUE=DATE:20260320\nDTSTART;VALUE=DATE:20260319\nSUMMARY:Friday off"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (ics(ALL_DAY), ["2026-03-09/2026-03-10"]),
        (ics(OUTLOOK), ["2026-03-09/2026-03-10"]),
        (ics(GOOGLE, head="X-WR-TIMEZONE:America/New_York\n"), ["2026-03-09/2026-03-09"]),
        (
            ics(
                "UID:1\nDTSTART;TZID=Company/Standard:20260706T090000\n"
                "DTEND;TZID=Company/Standard:20260706T170000",
                head=APPLE_ZONE,
            ),
            ["2026-07-06/2026-07-06"],
        ),
        (ics("UID:1\nDTSTART:20260309T090000\nDTEND:20260309T170000"), ["2026-03-09/2026-03-09"]),
        (ics("UID:1\nDTSTART;VALUE=DATE:20260401\nDURATION:P2D"), ["2026-04-01/2026-04-02"]),
        (
            ics(FRIDAYS, MOVED),
            ["2026-03-06/2026-03-06", "2026-03-19/2026-03-19", "2026-03-27/2026-03-27"],
        ),
        (
            ics(
                FRIDAYS,
                "UID:f\nRECURRENCE-ID;VALUE=DATE:20260327\nDTSTART;VALUE=DATE:20260327\n"
                "STATUS:CANCELLED",
            ),
            ["2026-03-06/2026-03-06", "2026-03-20/2026-03-20"],
        ),
        (b"\xef\xbb\xbf" + ics(ALL_DAY), ["2026-03-09/2026-03-10"]),
        (
            ics(ALL_DAY) + ics("UID:2\nDTSTART;VALUE=DATE:20260501"),
            ["2026-03-09/2026-03-10", "2026-05-01/2026-05-01"],
        ),
        (ics(ALL_DAY, "UID:2\nDTSTART:soon\nRRULE:FREQ=DAILY"), ["2026-03-09/2026-03-10"]),
        (ics(ALL_DAY).replace(b"Private", "Größe".encode("latin-1")), ["2026-03-09/2026-03-10"]),
        (ics("UID:1\nDTSTART;VALUE=DATE:20160101\nRRULE:FREQ=DAILY"), ["2026-03-01/2026-12-31"]),
        (
            ics("DTSTART;VALUE=DATE:20260401", "DTSTART;VALUE=DATE:20260403"),
            ["2026-04-01/2026-04-01", "2026-04-03/2026-04-03"],
        ),
    ],
)
def test_whole_days_count(data: bytes, expected: list[str]) -> None:
    """All-day and out-of-office events, recurring ones, in every vendor's form."""
    assert days(data) == {"": expected}


@pytest.mark.parametrize(
    "event",
    [
        f"{ALL_DAY}\nTRANSP:TRANSPARENT",
        f"{ALL_DAY}\nSTATUS:CANCELLED",
        f"{ALL_DAY}\nSTATUS:TENTATIVE",
        f"{ALL_DAY}\nX-MICROSOFT-CDO-BUSYSTATUS:FREE",
        f"{ALL_DAY}\nX-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",
        "UID:1\nDTSTART:20260309T093000Z\nDTEND:20260309T120000Z",
        "UID:1\nDTSTART:20260309T120000Z\nDTEND:20260310T120000Z",  # half of two days
        "UID:1\nDTSTART:20260309T080000Z\nDTEND:20260309T180000Z\nRRULE:FREQ=SECONDLY",
        f"{ALL_DAY}\nRRULE:FREQ=DAILY;INTERVAL=0",
        f"{ALL_DAY}\nRRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY;INTERVAL=0",
        f"{ALL_DAY}\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        f"{ALL_DAY}\nRRULE:FREQ=DAILY;BYMONTH=2,4;BYMONTHDAY=-31,31",
        f"{ALL_DAY}\nRRULE:FREQ=DAILY;BYSETPOS=2;BYDAY=MO",
        f"{ALL_DAY}\nRRULE:FREQ=MONTHLY;BYYEARDAY=366",
        "UID:1\nDTSTART;VALUE=DATE:20260309\nRRULE:FREQ=DAILY;BYHOUR=1,2,3;BYSECOND=1,2,3",
        "UID:1\nDTSTART;VALUE=DATE:19300101\nRRULE:FREQ=DAILY",
        "UID:1\nDTSTART;VALUE=DATE:20260309\nDTEND;VALUE=DATE:20260301",
        "UID:1\nDTSTART:20260309T080000\nDTEND:20260309T180000Z",
        "UID:1\nSUMMARY:without a time",
    ],
)
def test_other_events_do_not_count(event: str) -> None:
    """Free, tentative, canceled, short, endless, or broken."""
    assert days(ics(event)) == {}


def test_an_event_in_utc_is_in_the_zone_of_its_owner() -> None:
    """Nine to five in Kolkata is an early morning in UTC."""
    event = ics("UID:1\nDTSTART:20260309T033000Z\nDTEND:20260309T113000Z")
    assert days(event) == {}
    kolkata = IcalOptions(first=OPTIONS.first, last=OPTIONS.last, zone=ZoneInfo("Asia/Kolkata"))
    assert days(event, kolkata) == {"": ["2026-03-09/2026-03-09"]}


def test_utc_under_another_name_is_utc() -> None:
    """As Exchange writes it."""
    head = (
        "BEGIN:VTIMEZONE\nTZID:tzone://Microsoft/Utc\nBEGIN:STANDARD\nDTSTART:16010101T000000\n"
        "TZOFFSETFROM:+0000\nTZOFFSETTO:+0000\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    zone = 'TZID="tzone://Microsoft/Utc"'
    event = f"UID:1\nDTSTART;{zone}:20260309T033000\nDTEND;{zone}:20260309T113000"
    kolkata = IcalOptions(first=OPTIONS.first, last=OPTIONS.last, zone=ZoneInfo("Asia/Kolkata"))
    assert days(ics(event, head=head), kolkata) == {"": ["2026-03-09/2026-03-09"]}


@pytest.mark.parametrize("day", ["20260309", "20260709"])
def test_a_zone_whose_clock_shows_utc_is_a_zone_of_its_own(day: str) -> None:
    """London in winter: nine to five there is a day off, wherever the owner's zone lies."""
    event = ics(
        f"UID:1\nDTSTART;TZID=Europe/London:{day}T090000\nDTEND;TZID=Europe/London:{day}T170000"
    )
    york = IcalOptions(first=OPTIONS.first, last=OPTIONS.last, zone=ZoneInfo("America/New_York"))
    iso = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    assert days(event, york) == {"": [f"{iso}/{iso}"]}


def test_only_out_of_office_events_count_where_that_is_wanted() -> None:
    """A busy day is no absence then."""
    strict = IcalOptions(first=OPTIONS.first, last=OPTIONS.last, zone=UTC, only_out_of_office=True)
    assert days(ics(ALL_DAY), strict) == {}
    assert days(ics(OUTLOOK), strict) == {"": ["2026-03-09/2026-03-10"]}


PEOPLE = dict.fromkeys(("kim@acme.example", "kim osei"), "kim@acme.example") | {
    "lee@acme.example": "lee@acme.example"
}
SHARED = IcalOptions(first=OPTIONS.first, last=OPTIONS.last, people=PEOPLE)


@pytest.mark.parametrize(
    ("more", "people"),
    [
        ("ATTENDEE;CN=K:mailto:KIM@acme.example", ["kim@acme.example"]),
        (
            "ATTENDEE:mailto:kim@acme.example\nATTENDEE:mailto:lee@acme.example",
            ["kim@acme.example", "lee@acme.example"],
        ),
        ("ATTENDEE;PARTSTAT=DECLINED:mailto:kim@acme.example", []),
        (
            "ATTENDEE:mailto:hr@other.example\nORGANIZER:mailto:lee@acme.example",
            ["lee@acme.example"],
        ),
        ("ATTENDEE;EMAIL=kim@acme.example:urn:uuid:1", ["kim@acme.example"]),
        ("SUMMARY:Kim  Osei - vacation", ["kim@acme.example"]),
        ("SUMMARY:Vacation (Kim Osei)", ["kim@acme.example"]),
        ("SUMMARY:lee@acme.example is away", ["lee@acme.example"]),
        ("SUMMARY:Kim Oseis birthday", []),
        ("SUMMARY:Somebody else", []),
    ],
)
def test_a_shared_calendar_names_its_people(more: str, people: list[str]) -> None:
    """By attendee, else organizer, else an address or a full name in the title."""
    found = days(ics(f"UID:1\nDTSTART;VALUE=DATE:20260309\n{more}"), SHARED)
    assert found == {person: ["2026-03-09/2026-03-09"] for person in people}


MANY = "UID:{}\nDTSTART;VALUE=DATE:202604{:02d}\nRRULE:FREQ=YEARLY"
EVERY_OTHER_DAY = "UID:1\nDTSTART;VALUE=DATE:20240101\nRRULE:FREQ=DAILY;INTERVAL=2"
YEARS = IcalOptions(first=date(2024, 1, 1), last=date(2026, 12, 31))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<html><body>Please log in</body></html>", "may be a page to log in"),
        (b"", "not an iCalendar file"),
        (b"\x00" * 100, "not an iCalendar file"),
        (ics(ALL_DAY).decode().encode("utf-16"), "not an iCalendar file"),
        (ics(ALL_DAY)[:-30], "cut off"),
        (
            b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" * (MAX_EVENTS + 1) + b"END:VCALENDAR",
            "more than",
        ),
        (ics(*(MANY.format(n, 1 + n % 30) for n in range(MAX_SERIES + 1))), "recurring absences"),
    ],
)
def test_an_unusable_calendar_says_why_without_its_content(data: bytes, message: str) -> None:
    """A page to log in, half a file, other encodings, beyond a bound."""
    with pytest.raises(UnusableCalendarError, match=message) as caught:
        find_absences(data, OPTIONS)
    assert "Private" not in str(caught.value)


def test_a_person_has_a_bounded_number_of_absences() -> None:
    """Every other day for years is no calendar of absences."""
    with pytest.raises(UnusableCalendarError, match=f"more than {MAX_SPANS}"):
        find_absences(ics(EVERY_OTHER_DAY), YEARS)


@pytest.mark.parametrize(
    "event",
    [
        "UID:1\nDTSTART;VALUE=DATE:20230401\nDTEND;VALUE=DATE:20290401",
        "UID:1\nDTSTART:20230401T080000Z\nDTEND:20290401T170000Z",
    ],
)
def test_a_leave_of_years_lasts_to_its_end(event: str) -> None:
    """Parental leave may last three years: nobody is reminded in the last one."""
    assert days(ics(event)) == {"": [f"{OPTIONS.first}/{OPTIONS.last}"]}
