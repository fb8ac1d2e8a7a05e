"""Public holidays of a country or one of its regions, from the `holidays` library.

Only days off by law count (the library's category "public"): no bank, school, half or optional
holidays. The library is imported late: it costs half a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from atsbridge.worktime.regions import parse_country

_MOST = 0.75  # of a country's regions: what so many keep counts where the region is not known


def public_holidays(place: str, years: Iterable[int]) -> dict[date, str]:
    """The public holidays of a place ("PT", "DE-BY") in those years, in order, with names.

    Without a region: those of the whole country, and what at least three in four of its regions
    keep. The United Kingdom has few days in common; nearly everybody there has Easter Monday.
    Names are English where the library has them so. ValueError for an unknown place.
    """
    code = parse_country(place)
    country, _, region = code.partition("-")
    wanted = tuple(sorted(set(years)))
    if region:
        return dict(sorted(_days(country, region, wanted).items()))
    found = dict(_days(country, None, wanted))
    kept = [_days(country, one, wanted) for one in _regions(country)]
    counted = Counter(day for days in kept for day in days)
    names = {day: name for days in kept for day, name in days.items()}
    found |= {day: names[day] for day, n in counted.items() if n >= _MOST * len(kept)} | found
    return dict(sorted(found.items()))


def depends_on_region(country: str, year: int) -> bool:
    """Whether public holidays in that year differ between the country's regions."""
    kept = [frozenset(_days(country, one, (year,))) for one in _regions(country)]
    return len(set(kept)) > 1


def _regions(country: str) -> tuple[str, ...]:
    import holidays

    return tuple(getattr(holidays, country).subdivisions) if hasattr(holidays, country) else ()


@lru_cache(maxsize=1024)
def _days(country: str, region: str | None, years: tuple[int, ...]) -> Mapping[date, str]:
    import holidays

    try:
        found = holidays.country_holidays(country, subdiv=region, years=years, language="en_US")
    except (NotImplementedError, AttributeError):
        place = f"{country}-{region}" if region else country
        raise ValueError(
            f'the library `holidays` knows no public holidays for "{place}": list the days '
            "yourself, in closed of [calendars]"
        ) from None
    return dict(found.items())
