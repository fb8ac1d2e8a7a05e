"""What a run stores for the next one: the rules it knew and the fields that were unreadable.

Losing it costs one full evaluation.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from atsbridge.ports import FilePosition

if TYPE_CHECKING:
    from atsbridge.cases import Edits
    from atsbridge.rules import Rule


ABSENT = timedelta(days=2)  # after so long without a run, what is late already is one summary
_STOPPED = "stopped since"
# What differs from run to run though the rule is the same: where it stands in its file, and where
# an evaluator of a plugin that is no dataclass stands in memory.
_POSITION = re.compile(rf"{FilePosition.__name__}\([^()]*\)| at 0x[0-9a-fA-F]+")


class FullReason(StrEnum):
    """Why everything is evaluated, and not only what changed or is due."""

    FIRST_RUN = "first_run"
    RULES = "rules"  # they changed
    CALENDARS = "calendars"  # they changed
    UNKNOWN_FIELDS = "unknown_fields"  # what can be read changed
    NIGHTLY = "nightly"


@dataclass(frozen=True, slots=True)
class Memory:
    """What the next run has to know.

    `at`: when the run was; `full_at`: the last evaluation of everything. `rules`: id -> "status
    fingerprint"; a rule that is stopped by an error keeps its entry, with the instant since when it
    is. So it is no new rule when it can be read again, and all of it is evaluated then.
    """

    at: datetime | None = None
    full_at: datetime | None = None
    rules: Mapping[str, str] = field(default_factory=dict)
    calendars: str = ""
    unreadable: tuple[str, ...] = ()
    packs: str = ""  # digest of the texts the rules came from, and of the calendars' settings
    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # rule -> part -> digest
    mapped: tuple[str, ...] = ()  # every "kind.field" of the account's map
    map: str = ""  # digest of the account's map
    mistakes: tuple[str, ...] = ()  # what stops rules
    sightless: tuple[str, ...] = ()  # rules that could read nothing yet, since their first run
    doubted: tuple[str, ...] = ()  # "stream@instant": lists not believed, reported to ops

    def is_unchanged(
        self, now: datetime, nightly_at: str, packs: str, unreadable: frozenset[str]
    ) -> bool:
        """Whether nothing but time has passed since the run before, and no night."""
        if self.at is None or self.full_at is None or now - self.at > ABSENT:
            return False
        same = packs == self.packs and unreadable == frozenset(self.unreadable)
        return same and not self.full_at < last_nightly(now, nightly_at) <= now

    def baseline(self, rules: Mapping[str, Rule], now: datetime) -> frozenset[str]:
        """Rules whose first run this is: new, newly live, unwatched for two days, or without
        anything they need to read until now."""
        if self.at is None or now - self.at > ABSENT:
            return frozenset(rules)
        return frozenset(
            rule.id
            for rule in rules.values()
            if self._status(rule.id) != rule.status
            or self._long_stopped(rule.id, now)
            or rule.id in self.sightless
        )

    def edits(self, rules: Mapping[str, Rule], map_digest: str, mapped: Iterable[str]) -> Edits:
        """What was edited since: of `rules` by id, and of the account's map."""
        from atsbridge.cases import Edits, RulePart  # a run with nothing to do needs no rules

        changed = {}
        for name, rule in rules.items():
            before, now = self.parts.get(name), part_digests(rule)
            if before is not None and before != now:
                changed[name] = frozenset(
                    part for part in RulePart if before.get(part) != now[part]
                )
        other_map = self.at is not None and self.map not in ("", map_digest)
        return Edits(
            rules=changed, mapped=frozenset({*self.mapped, *mapped}) if other_map else frozenset()
        )

    def _status(self, rule: str) -> str:
        return self.rules.get(rule, "").partition(" ")[0]

    def _long_stopped(self, rule: str, now: datetime) -> bool:
        _, stopped, since = self.rules.get(rule, "").partition(f" {_STOPPED} ")
        return bool(stopped) and now - datetime.fromisoformat(since) > ABSENT

    def entries(
        self, rules: Mapping[str, Rule], stopped: Callable[[str], bool], now: datetime
    ) -> dict[str, str]:
        """What is remembered of these rules at `now`, and of those that are stopped."""
        waiting = {
            name: entry if _STOPPED in entry else f"{entry} {_STOPPED} {now.isoformat()}"
            for name, entry in self.rules.items()
            if stopped(name)
        }
        return {**fingerprints(rules.values()), **waiting}

    def full_evaluation_reason(
        self, now: datetime, nightly_at: str, entries: Mapping[str, str], calendars: str
    ) -> FullReason | None:
        """Why everything has to be evaluated; None if it has not. `entries`: those of now."""
        if self.at is None or self.full_at is None:
            return FullReason.FIRST_RUN
        if self.rules != entries:
            return FullReason.RULES
        if self.calendars != calendars:
            return FullReason.CALENDARS
        return FullReason.NIGHTLY if self.full_at < last_nightly(now, nightly_at) <= now else None


def pack_memory(memory: Memory) -> bytes:
    """The memory as the store keeps it."""
    value = {
        "at": memory.at.isoformat() if memory.at else None,
        "full_at": memory.full_at.isoformat() if memory.full_at else None,
        "rules": dict(memory.rules),
        "calendars": memory.calendars,
        "unreadable": list(memory.unreadable),
        "blind": list(memory.sightless),
        "doubted": list(memory.doubted),
        "packs": memory.packs,
        "parts": memory.parts,
        "mapped": list(memory.mapped),
        "map": memory.map,
        "mistakes": list(memory.mistakes),
    }
    return json.dumps(value).encode()


def unpack_memory(packed: bytes | None) -> Memory:
    """The memory of the last run; an empty one where there is none or another version wrote it."""
    if packed is None:
        return Memory()
    try:
        found = json.loads(packed)
        return Memory(
            at=_instant(found["at"]),
            full_at=_instant(found["full_at"]),
            rules=found["rules"],
            calendars=found["calendars"],
            unreadable=tuple(found["unreadable"]),
            sightless=tuple(found.get("blind", ())),
            doubted=tuple(found.get("doubted", ())),
            packs=found["packs"],
            parts=found.get("parts", {}),
            mapped=tuple(found.get("mapped", ())),
            map=found.get("map", ""),
            mistakes=tuple(found.get("mistakes", ())),
        )
    except (KeyError, TypeError, ValueError):
        return Memory()


def fingerprints(rules: Iterable[Rule]) -> dict[str, str]:
    """id -> "status fingerprint" of each rule; where it stands in its file does not count."""
    return {rule.id: f"{rule.status} {digest(strip_positions(repr(rule)))}" for rule in rules}


def part_digests(rule: Rule) -> dict[str, str]:
    """Each part of a rule that decides whether it covers a subject -> a digest of it."""
    from atsbridge.cases import parts

    return {str(part): digest(strip_positions(text)) for part, text in parts(rule).items()}


def strip_positions(text: str) -> str:
    """The text of a rule without what differs from run to run though the rule is the same."""
    return _POSITION.sub("", text)


def digest(text: str) -> str:
    """Sixteen hexadecimal digits for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def last_nightly(now: datetime, at: str) -> datetime:
    """The latest "HH:MM ZONE" that is not after `now`, in UTC."""
    from zoneinfo import ZoneInfo

    clock, _, zone = at.partition(" ")
    hour, minute = (int(part) for part in clock.split(":"))
    local = now.astimezone(ZoneInfo(zone or "UTC"))
    # Of an hour that comes twice the first counts, so that it is one night.
    moment = local.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    if moment.astimezone(UTC) > now:
        moment -= timedelta(days=1)
    return moment.astimezone(UTC)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
