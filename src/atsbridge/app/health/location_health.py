"""People without a time zone or country, and countries whose holidays depend on the region."""

from __future__ import annotations

from collections.abc import Iterator

from atsbridge.context import (
    AccountContext,
    Services,
    find_missing_regions,
    find_unplaced,
    join_names,
)
from atsbridge.ports import CheckResult
from atsbridge.worktime import holidays_version, zones_version


def check_locations(services: Services, name: str) -> Iterator[CheckResult]:
    """One line for time zones, one for public holidays. Raises StoreError."""
    now = services.time.now()
    context = AccountContext(services, name)
    calendars = context.calendars
    found = find_unplaced(context, calendars.locales)
    offices = f" ({join_names(found.offices)})" if found.offices else ""
    unknown = f"not known of {_people(len(found.zone))}: {join_names(found.zone)}"
    yield CheckResult(
        "time zones",
        good=not found.zone,
        detail=unknown if found.zone else f"tzdata {zones_version()}",
        remedy=f"Name their offices{offices} in [offices], them in [people], or a timezone in"
        f" [accounts.{name}]",
        warning=True,
    )
    if found.country:
        detail = (
            f"none for {_people(len(found.country))} of no country: {join_names(found.country)}"
        )
        yield CheckResult("public holidays", good=True, detail=detail)
    for country, number in find_missing_regions(calendars, now.year).items():
        detail = (
            f"depend on the region in {country}: {_people(number)} without one have what most"
            f" regions keep (holidays {holidays_version()})"
        )
        yield CheckResult("public holidays", good=True, detail=detail)


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"
