"""Instants and days that people write: those that no calendar counts are refused like a slip."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from atsbridge.intake import brief_files
from atsbridge.model.value_bounds import parse_day, to_utc
from atsbridge.plugins import discover
from atsbridge.rules.compile.cross_references import KnownNames
from atsbridge.rules.compile.pack_loader import load_good
from atsbridge.rules.language import instants

ABSURD = (
    "9999-12-31T23:59-14:00",
    "0001-01-01T00:00+14:00",
    "9999-12-31T23:30[America/Los_Angeles]",
    "0001-01-01T00:00[Asia/Tokyo]",
    "1899-12-31T23:59Z",
    "2200-01-01T00:00Z",
)
DAYS = ("9999-12-31", "0001-01-01", "1899-12-31", "2200-01-01")
EXCEPTION = """\
version: 1
exceptions:
  - {{rule: feedback-late, where: {{requisition.code: a}}, until: "{}", why: a pilot}}
"""
BRIEF = """\
requisition: REQ-104
sections: {{must_haves: [Go]}}
agreed: {{ravi@acme.example: "{}"}}
"""


@pytest.mark.parametrize("written", ABSURD)
def test_an_instant_outside_the_calendar_is_refused(written: str) -> None:
    """In UTC some of them do not exist at all."""
    with pytest.raises(ValueError, match="between 1900 and 2199"):
        instants.parse(written)


def test_the_first_and_the_last_that_count() -> None:
    """As of every stored value."""
    first = datetime(1900, 1, 1, tzinfo=UTC)
    assert instants.parse("1900-01-01T00:00Z") == to_utc(first) == first
    assert instants.parse("2199-12-31T23:59Z").year == 2199
    assert (parse_day("1900-01-01"), parse_day("2199-12-31").year) == (date(1900, 1, 1), 2199)


@pytest.mark.parametrize("written", [*ABSURD, *DAYS])
def test_a_pack_with_such_an_end_of_an_exception_is_one_error(written: str) -> None:
    """At its place, and no other rule is hurt."""
    kinds, known = discover().rule_kinds(), KnownNames(frozenset({"office"}), frozenset())
    mistakes = load_good([("p.yaml", EXCEPTION.format(written))], kinds, known).mistakes
    told = [one for one in mistakes if "is no day" in one.what]
    assert [one.where.partition(":")[2].partition(":")[0] for one in told] == ["3"]


@pytest.mark.parametrize("written", [*ABSURD, *DAYS])
def test_a_brief_agreed_on_such_a_day_is_one_error(written: str) -> None:
    """It could not be said when that day begins where the person is."""
    (error,) = brief_files.parse_brief("b.yaml", BRIEF.format(written)).errors
    assert error.where.startswith("b.yaml:3:")
