"""People without a time zone or country, and countries whose holidays depend on the region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from atsbridge.context import calendars_of, listed, regions_wanted, unplaced
from atsbridge.ports import Checked
from atsbridge.worktime import holidays_version, zones_version

if TYPE_CHECKING:
    from atsbridge.context import Services


def check(app: Services, name: str) -> Iterator[Checked]:
    """A line for zones, and one for what public holidays lack. Raises StoreError."""
    now = app.time.now()
    calendars = calendars_of(app, name, (now.year,))
    found = unplaced(app, name, calendars, calendars.locales)
    offices = f" ({listed(found.offices)})" if found.offices else ""
    unknown = f"not known of {_people(len(found.zone))}: {listed(found.zone)}"
    yield Checked(
        "time zones",
        good=not found.zone,
        detail=unknown if found.zone else f"tzdata {zones_version()}",
        remedy=f"Name their offices{offices} in [offices], them in [people], or a timezone in"
        f" [accounts.{name}]",
        warning=True,
    )
    if found.country:
        detail = f"none for {_people(len(found.country))} of no country: {listed(found.country)}"
        yield Checked("public holidays", good=True, detail=detail)
    for country, number in regions_wanted(calendars, now.year).items():
        detail = (
            f"depend on the region in {country}: {_people(number)} without one have what most"
            f" regions keep (holidays {holidays_version()})"
        )
        yield Checked("public holidays", good=True, detail=detail)


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"
