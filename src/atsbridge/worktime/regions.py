"""Countries and regions as people write them, as one canonical code: "PT", "DE-BY".

For settings the parsers are strict and say what to write instead. `read_country` is for what an
ATS or a plugin supplies, where one bad value must cost no more than itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from atsbridge.model import suggest
from atsbridge.worktime.iso3166 import ALIASES, country_names, long_codes, regions

_LISTED = 60  # regions named in one error; Italy has more than a hundred


def parse_country(text: str) -> str:
    """The code of a country, with or without a region: "us" -> "US", "UK" -> "GB", "de-by" ->
    "DE-BY".

    ValueError, as a plain sentence with the nearest code, for anything else.
    """
    country, dash, region = text.strip().partition("-")
    code = country.strip().upper()
    code = ALIASES.get(code, code)
    if code not in country_names():
        near = nearest_country(text)
        hint = f"did you mean {near} ({country_names()[near]})?" if near else "such as PT"
        raise ValueError(
            f'"{text:.40}" is not a country code: write two letters of ISO 3166, {hint}'
        )
    return f"{code}-{_region(region, code)}" if dash else code


def parse_region(region: str, country: str = "") -> str:
    """The code of a country and a region: ("ENG", "GB") and ("GB-ENG", "") -> "GB-ENG".

    The country alone for no region, "" for neither. ValueError, as a plain sentence, for a region
    without a country, of another country, or unknown.
    """
    wanted = region.strip()
    code = parse_country(country) if country.strip() else ""
    if not wanted:
        return code
    if "-" in wanted and len(wanted.partition("-")[0].strip()) == 2:
        full = parse_country(wanted)
        if code and not full.startswith(code) and not code.startswith(full):
            raise ValueError(f'"{region:.40}" is not a region of {code}')
        return full
    if not code:
        raise ValueError(f'the region "{region:.40}" needs a country: write both, such as GB-ENG')
    given, _, known = code.partition("-")
    full = f"{given}-{_region(wanted, given)}"
    if known and full != code:
        raise ValueError(f'two regions are given, {code} and "{region:.40}": keep one of them')
    return full


@lru_cache(maxsize=1000)
def read_country(text: str | None) -> str:
    """The code of a country that an ATS or plugin supplies; "" if it is not clear.

    Takes English names and three-letter codes besides what `parse_country` takes. A region that
    is not known is left out: its country still holds.
    """
    given = " ".join((text or "").split())
    for attempt in (given, given.partition("-")[0]):
        try:
            return parse_country(attempt)
        except ValueError:
            continue
    named = {name.casefold(): code for code, name in country_names().items()}
    return named.get(given.casefold(), "") or long_codes().get(given.upper(), "")


def nearest_country(text: str) -> str:
    """The code that was most likely meant, by name or three-letter code; "" for no guess."""
    given = text.strip()
    if code := long_codes().get(given.upper(), ""):
        return code
    named = {name.casefold(): code for code, name in country_names().items()}
    near = suggest(given, named) if len(given) > 3 else None
    return named[near] if near else ""


def _region(text: str, country: str) -> str:
    """The region's code as the country has it."""
    known = regions().get(country, ())
    found = {code.casefold(): code for code in known}.get(text.strip().casefold())
    if found is not None:
        return found
    name = country_names()[country]
    if not known:
        raise ValueError(
            f'"{text:.40}" is not a region of {country} ({name}): no regional holidays are known '
            "for it, so leave the region out"
        )
    near = _region_named(text, country)
    hint = f"did you mean {near}?" if near else f"known are {', '.join(known[:_LISTED])}"
    raise ValueError(f'"{text:.40}" is not a region of {country} ({name}): {hint}')


# English names of regions that the library has in the country's own language only.
_ENGLISH = {
    "DE": {"bavaria": "BY", "hesse": "HE", "lower saxony": "NI", "saxony": "SN", "thuringia": "TH"},
    "ES": {"andalusia": "AN", "basque country": "PV", "balearic islands": "IB", "catalonia": "CT"},
    "CH": {"geneva": "GE", "zurich": "ZH", "lucerne": "LU"},
}


def _region_named(text: str, country: str) -> str:
    """The region of that name, or the closest one; "" for no guess. Only for an error: slow."""
    import holidays

    entity = getattr(holidays, country, None)
    names = {name.casefold(): code for name, code in _aliases(entity)}
    names |= _ENGLISH.get(country, {})
    names |= {code.casefold(): code for code in regions()[country]}
    near = suggest(text, names) or ""
    code = names.get(near, "")
    return code if code in regions()[country] else ""


def _aliases(entity: object) -> Iterable[tuple[str, str]]:
    found: dict[str, str] = getattr(entity, "subdivisions_aliases", {})
    return found.items()
