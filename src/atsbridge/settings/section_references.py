"""Checks references between sections: sinks, calendars and people that are named must exist.

Names are looked up in the data as written, which still has sections with errors, so that one error
is not reported twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from atsbridge.model import did_you_mean
from atsbridge.settings.sections import PersonSettings
from atsbridge.settings.setting_errors import Problem, shown
from atsbridge.settings.settings_model import OFFICE, Settings
from atsbridge.settings.toml_positions import Keys

ATS = "ats"  # this sink needs no section
DIGEST = "digest"


def dangling(settings: Settings) -> Iterator[Problem]:
    """Every reference that does not exist, and every contradiction, in order of the sections."""
    yield from _accounts(settings)
    yield from _teams(settings)
    yield from _notify(settings)
    yield from _people(settings)
    yield from _secrets_given_twice(settings)
    yield from _serve(settings)


def names(settings: Settings, section: str) -> list[str]:
    """The names of a section's tables, including those with errors."""
    written = settings.written.get(section)
    found = dict.fromkeys(getattr(settings, section))
    return list(found | dict.fromkeys(written if isinstance(written, dict) else ()))


def member(settings: Settings, keys: Keys, name: str) -> Keys:
    """The path of a name in a list, as written."""
    found: Any = settings.written
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    if isinstance(found, list):
        texts = [one.strip() if isinstance(one, str) else one for one in found]
        if name in texts:
            return (*keys, texts.index(name))
    return keys


def _accounts(settings: Settings) -> Iterator[Problem]:
    several = len(names(settings, "accounts")) > 1
    for account, section in settings.accounts.items():
        keys = ("accounts", account)
        yield from _sinks(settings, (*keys, "sinks"), section.sinks or ())
        written = settings.written.get("accounts", {}).get(account, {})
        if several and section.sinks is None and "sinks" not in written:
            what = "sinks is needed once there are two accounts"
            yield Problem(keys, what, 'Name them, for example sinks = ["slack"]')
        for team, target in section.teams.items():
            yield from _sink(settings, (*keys, "teams", team, "sink"), target.sink)


def _teams(settings: Settings) -> Iterator[Problem]:
    for team, target in settings.teams.items():
        yield from _sink(settings, ("teams", team, "sink"), target.sink)


def _notify(settings: Settings) -> Iterator[Problem]:
    notify = settings.notify
    yield from _sinks(settings, ("notify", "dm"), notify.dm)
    if notify.quiet_calendar:
        yield from _calendar(settings, ("notify", "quiet_hours"), notify.quiet_calendar)


def _people(settings: Settings) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for written in _written(settings):
        email = written.strip().lower()
        if email in seen:
            what = "this person is there twice: case makes no difference in an address"
            yield Problem(("people", written), what, "Keep one of the two", at_key=True)
        seen.setdefault(email, written)
    for email, written in seen.items():
        if email in settings.people:
            yield from check_person(settings, ("people", written), email, settings.people[email])


def check_person(
    settings: Settings, keys: Keys, email: str, person: PersonSettings
) -> Iterator[Problem]:
    """Names in the settings of a person that do not exist. `keys` lead to the person."""
    if person.calendar:
        yield from _calendar(settings, (*keys, "calendar"), person.calendar)
    if person.prefer and person.prefer not in (*names(settings, "sinks"), DIGEST):
        known = [*names(settings, "sinks"), DIGEST]
        what = f"{shown(person.prefer)} is neither a sink nor {DIGEST}"
        yield Problem((*keys, "prefer"), what, did_you_mean(person.prefer, known, "Write"))
    for key, what in (
        ("delegate", "nobody stands in for themselves"),
        ("manager", "nobody is their own manager"),
    ):
        if getattr(person, key) == email:
            yield Problem((*keys, key), what, "Name somebody else, or leave it out")


def _written(settings: Settings) -> Iterable[str]:
    people = settings.written.get("people")
    return people if isinstance(people, dict) else ()


def _secrets_given_twice(settings: Settings) -> Iterator[Problem]:
    for section, key in (("run", "ping_url"), ("store", "url"), ("serve", "token")):
        values = getattr(settings, section)
        inline = key in values.model_fields_set and getattr(values, key).get_secret_value()
        ways = [key] if inline else []
        ways += [way for way in (f"{key}_file", f"{key}_command") if getattr(values, way, ())]
        for way in ways[1:]:
            what = f"both {ways[0]} and {way} are set"
            yield Problem((section, way), what, "Keep one of them")


def _serve(settings: Settings) -> Iterator[Problem]:
    """A header is believed from a proxy only, and a proxy is there for its header."""
    serve = settings.serve
    if serve.user_header and not serve.proxies:
        remedy = "Add proxies: the addresses of the reverse proxy, one by one"
        yield Problem(("serve", "user_header"), "no proxy is named that may send it", remedy)
    if serve.proxies and not serve.user_header:
        remedy = "Add user_header: the header with the reader's e-mail address"
        yield Problem(("serve", "proxies"), "no header is named for them", remedy)


def _sinks(settings: Settings, keys: Keys, wanted: Iterable[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for name in wanted:
        yield from _sink(settings, member(settings, keys, name), name)
        if name in seen:
            yield Problem(keys, f"{shown(name)} is there twice", "Keep one of them")
        seen.add(name)


def _sink(settings: Settings, keys: Keys, name: str) -> Iterator[Problem]:
    known = names(settings, "sinks")
    if name not in (*known, ATS):
        remedy = did_you_mean(name, known, f"Add [sinks.{name}]; configured")
        yield Problem(keys, f"there is no sink {shown(name)}", remedy)


def _calendar(settings: Settings, keys: Keys, name: str) -> Iterator[Problem]:
    known = list(dict.fromkeys((*names(settings, "calendars"), OFFICE)))
    if name not in known:
        remedy = did_you_mean(name, known, f"Add [calendars.{name}], or use one of")
        yield Problem(keys, f"there is no calendar {shown(name)}", remedy)
