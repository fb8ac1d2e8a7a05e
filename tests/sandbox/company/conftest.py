"""Shared by the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from atsbridge.sandbox.company.employees import Person
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.company.office_locations import OfficeLocation, is_away


def rows(company: Company, kind: str) -> Iterator[Any]:
    """All records of a kind, of which there must be some. Briefs are files beside the company."""
    found = company.records(kind)
    assert found or kind == "brief", f"this company has no {kind}"
    yield from found.values()


def at_work(person: Person, at: datetime) -> bool:
    return open_at(person.place, at) and not is_away(person.away, person.place.local(at).date())


def open_at(place: OfficeLocation, at: datetime) -> bool:
    window = place.window(place.local(at).date())
    return window is not None and window[0] <= at <= window[1]
