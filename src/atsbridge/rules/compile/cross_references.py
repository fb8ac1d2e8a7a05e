"""Check the references of rules: to calendars and teams of the settings, and to other rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, NamedTuple

from atsbridge.errors import RuleError
from atsbridge.rules.language import TEAM, Loc, Places, nearest, remedy


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Names that rules may use; None leaves any. `packaged`: files whose owner is a suggestion.

    `calendars` are those of the settings, `teams` those of any account.
    """

    calendars: frozenset[str] | None = None
    teams: frozenset[str] | None = None
    packaged: frozenset[str] = frozenset()


class Reference(NamedTuple):
    """A reference to something that does not exist, and the rules that it stops."""

    error: RuleError
    stops: frozenset[str]


class Written(NamedTuple):
    """A rule as written: its id, its keys, and their places."""

    name: str
    data: Mapping[str, Any]
    places: Places


def check(rules: Sequence[Written], known: KnownNames) -> Iterator[Reference]:
    """Find every reference of these rules to something that does not exist."""
    names = {rule.name for rule in rules}
    for rule in rules:
        yield from _calendar(rule, known)
        yield from _owner(rule, known)
        yield from _teams(rule, known)
        yield from _causes(rule, names)
    first: dict[str, Written] = {}
    for rule in rules:
        first.setdefault(rule.name, rule)
    yield from _circles(first)


def _calendar(rule: Written, known: KnownNames) -> Iterator[Reference]:
    calendar = rule.data.get("calendar", "office")
    if known.calendars is None or not isinstance(calendar, str) or calendar in known.calendars:
        return
    near = nearest(calendar, known.calendars)
    there = ", ".join(sorted(known.calendars)) or "none"
    mend = remedy(near, f"calendar: {near}") if near else f"The settings have: {there}"
    what = f'there is no calendar "{calendar}"'
    yield _wrong(rule, ("calendar",), what, mend, stops=(rule.name,))


def _owner(rule: Written, known: KnownNames) -> Iterator[Reference]:
    """Check the owners. Ops replace an unknown team, so the error stops no rule.

    Nothing is checked while no team is configured.
    """
    owner = rule.data.get("owner", "")
    if not known.teams or not isinstance(owner, str) or owner in ("", *known.teams):
        return
    if rule.places.value(("owner",)).file in known.packaged:
        return
    near = nearest(owner, known.teams)
    there = ", ".join(sorted(known.teams)) or "none"
    mend = remedy(near, f"owner: {near}") if near else f"The settings have: {there}"
    what = f'there is no team "{owner}" to own the rule {rule.name}'
    yield _wrong(rule, ("owner",), what, mend, stops=())


def _teams(rule: Written, known: KnownNames) -> Iterator[Reference]:
    """Check teams of steps. Ops replace an unknown team, so the error stops no rule."""
    steps = rule.data.get("steps")
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        to = step.get("to") if isinstance(step, Mapping) else None
        team = to.removeprefix(TEAM) if isinstance(to, str) and to.startswith(TEAM) else ""
        if not known.teams or not team or team in known.teams:
            continue
        near = nearest(team, known.teams)
        there = ", ".join(sorted(known.teams))
        mend = remedy(near, f"to: {TEAM}{near}") if near else f"The settings have: {there}"
        what = f'there is no team "{team}"'
        yield _wrong(rule, ("steps", index, "to"), what, mend, stops=())


def _causes(rule: Written, names: Set[str]) -> Iterator[Reference]:
    for index, cause in enumerate(_listed(rule.data.get("muted_by"))):
        what, mend = "", ""
        if cause == rule.name:
            what, mend = f"{cause} cannot be muted by itself", "Remove it"
        elif cause not in names:
            near = nearest(cause, names - {rule.name})
            what = f'there is no rule "{cause}"'
            mend = remedy(near, f"muted_by: [{near or 'stalled-in-stage'}]")
        if what:
            yield _wrong(rule, ("muted_by", index), what, mend, stops=(rule.name,))


def _circles(rules: Mapping[str, Written]) -> Iterator[Reference]:
    """Find rules that mute each other: the one that opens first would suppress the other."""
    causes = {
        name: [one for one in _listed(rule.data.get("muted_by")) if one in rules and one != name]
        for name, rule in rules.items()
    }
    _drop_free(causes)
    while causes:  # every remaining rule is in a circle or depends on one
        circle = [next(iter(causes))]
        while (cause := next(one for one in causes[circle[-1]] if one in causes)) not in circle:
            circle.append(cause)
        circle = circle[circle.index(cause) :]
        first, second = rules[circle[0]], circle[1]
        index = _listed(first.data.get("muted_by")).index(second)
        what = f"these rules mute each other in a circle: {', '.join((*circle, circle[0]))}"
        mend = "Let only the consequence name its cause"
        yield _wrong(first, ("muted_by", index), what, mend, stops=circle)
        for name in circle:
            del causes[name]
        _drop_free(causes)


def _drop_free(causes: dict[str, list[str]]) -> None:
    """Remove rules that no other rule mutes, until none is left to remove."""
    while free := [name for name, its in causes.items() if not set(its) & causes.keys()]:
        for name in free:
            del causes[name]


def _listed(names: Any) -> list[str]:
    several = names if isinstance(names, list) else [names]
    return [name for name in several if isinstance(name, str)]


def _wrong(rule: Written, loc: Loc, what: str, mend: str, *, stops: Iterable[str]) -> Reference:
    error = RuleError(what, where=str(rule.places.value(loc)), remedy=mend)
    return Reference(error, frozenset(stops))
