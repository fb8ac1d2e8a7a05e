"""Guess time zone and country of an office from its name: "Lisbon", "Remote - Portugal".

The tables are those of the IANA time zone database, as the package `tzdata` ships them: zone.tab
(zone and country) and iso3166.tab (country and name). A name that fits several is no guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class PlaceGuess:
    """An IANA zone and a two-letter country code; "" for what the name does not tell."""

    zone: str = ""
    country: str = ""


# Words beside the name of a city or country that do not change the place.
_NOISE = frozenset(
    {"hq", "headquarters", "head", "main", "office", "offices", "site", "campus", "studio", "hub"}
    | {"remote", "home", "based", "in", "the"}
)
_SEVERAL_MEANINGS = frozenset({"georgia"})  # a country, and a state of the US
_SEASONS = (datetime(2025, 1, 15, 12, tzinfo=UTC), datetime(2025, 7, 15, 12, tzinfo=UTC))


def guess_place(name: str) -> PlaceGuess:
    """The place that an office's name tells; an empty guess where it tells none, or several.

    A name with a word that is neither a place nor says what kind of office it is tells nothing:
    Jersey City is not Jersey.
    """
    tables, text = _tables(), _normalize(name)
    text = " ".join(part for part in text.split() if part not in _NOISE)
    if text in _SEVERAL_MEANINGS:
        return PlaceGuess()
    if len(zones := tables.cities.get(text, ())) == 1:
        zone = next(iter(zones))
        return PlaceGuess(zone, tables.country_of[zone])
    city, country = _split_country(text, tables)
    if country is None:
        return PlaceGuess()
    for zone in tables.cities.get(city, ()):
        if tables.country_of[zone] == country:
            return PlaceGuess(zone, country)
    return PlaceGuess(_only_zone(tables.zones_of[country]), country) if not city else PlaceGuess()


def _split_country(text: str, tables: _PlaceTables) -> tuple[str, str | None]:
    """ "lisbon portugal" -> "lisbon" and PT; no country where none stands at either end."""
    for name in sorted(tables.countries, key=len, reverse=True):
        for rest in (text.removesuffix(f" {name}"), text.removeprefix(f"{name} ")):
            if rest != text:
                return rest, tables.countries[name]
    return "", tables.countries.get(text)


def _only_zone(zones: tuple[str, ...]) -> str:
    """The first zone if all of them have the same time all year, else ""."""
    offsets = {
        tuple(at.astimezone(ZoneInfo(zone)).utcoffset() for at in _SEASONS) for zone in zones
    }
    return zones[0] if len(offsets) == 1 else ""


@dataclass(frozen=True, slots=True)
class _PlaceTables:
    """Normalized name of a city -> its zones, and of a country -> its code."""

    cities: Mapping[str, frozenset[str]] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)
    country_of: Mapping[str, str] = field(default_factory=dict)
    zones_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@cache
def _tables() -> _PlaceTables:
    folder = files("tzdata").joinpath("zoneinfo")
    cities: dict[str, set[str]] = {}
    country_of: dict[str, str] = {}
    zones_of: dict[str, list[str]] = {}
    for line in _rows(folder.joinpath("zone.tab").read_text("utf-8")):
        country, _, zone = line[:3]
        country_of[zone] = country
        zones_of.setdefault(country, []).append(zone)
        city = _normalize(zone.rpartition("/")[2].replace("_", " "))
        cities.setdefault(city, set()).add(zone)
    countries = {
        _normalize(name): code
        for code, name in _rows(folder.joinpath("iso3166.tab").read_text("utf-8"))
        if code in zones_of
    }
    return _PlaceTables(
        {name: frozenset(zones) for name, zones in cities.items()},
        countries,
        country_of,
        {code: tuple(zones) for code, zones in zones_of.items()},
    )


def _rows(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def _normalize(text: str) -> str:
    """Lower case, without accents, only letters and single spaces: "são paulo" -> "sao paulo"."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z]+", " ", plain.lower()).strip()
