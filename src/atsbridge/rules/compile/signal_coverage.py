"""Measure how much of a rule works with a connector: full, since install, with mapping, none.

It is about what an ATS never supplies, not about what a sync could not read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from atsbridge.model import FieldType, field, paths, resolve
from atsbridge.ports import ConnectorSpec, Signal, SignalHistory
from atsbridge.rules.language import addressed
from atsbridge.rules.rule import Rule

_OURS = ("brief",)  # atsbridge keeps these itself, with every ATS
_DATED = (FieldType.INSTANT, FieldType.DATE, FieldType.INTERVAL)


class CoverageLevel(IntEnum):
    """How much of a rule works, best first."""

    FULL = 0
    SINCE_INSTALL = 1
    WITH_MAPPING = 2
    NO = 3

    @property
    def label(self) -> str:
        """The label in tables and docs."""
        return ("full", "since install", "with mapping", "no")[self]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far one connector supports one rule. `why`: what is missing or partial, and the reason.

    `lacking`: of those, what the rule cannot do without.
    """

    rule: str
    level: CoverageLevel
    why: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


def answered(coverages: Collection[Coverage]) -> bool:
    """Whether any of these connectors can answer the rule. Without a connector nobody denies it."""
    return not coverages or any(one.level is not CoverageLevel.NO for one in coverages)


def coverage(rule: Rule, spec: ConnectorSpec, mapped: Collection[str] = frozenset()) -> Coverage:
    """Measure the support of a rule by this connector and, with `mapped`, by the account's map.

    Its deciding signals count: what it looks at, start, stop, the fields of a check. A pause, reset
    or cancel that no ATS word tells counts as never, and is only told of.
    """
    signals = {**_signals_of(spec), **dict.fromkeys(mapped)}
    lacking = dict[str, None]()
    worst, why = _watched(rule, signals)
    for column in _deciding(rule):
        level, reason = _level(column, signals)
        if level is CoverageLevel.SINCE_INSTALL and field(column).type not in _DATED:
            # The present value is exact; only the past is our own observation.
            level = CoverageLevel.FULL
        worst = max(worst, level)
        if reason:
            why[f"{column}: {reason}"] = None
        if level > CoverageLevel.SINCE_INSTALL:
            lacking[f"{column}: {reason}"] = None
    for path in _asides(rule):
        level, _ = _level(path, signals)
        if any(line.startswith(f"{path}: ") for line in why):
            continue  # it is also a deciding field, which is reported already
        if level is CoverageLevel.NO:
            why[f"{path}: never set, because this ATS does not supply it"] = None
        elif level is CoverageLevel.WITH_MAPPING:
            why[f"{path}: never set unless the account maps a field for it"] = None
    return Coverage(
        rule.id,
        worst,
        tuple(why),
        tuple(lacking or (why if worst > CoverageLevel.SINCE_INSTALL else ())),
    )


def _watched(
    rule: Rule, signals: Mapping[str, Signal | None]
) -> tuple[CoverageLevel, dict[str, None]]:
    """The level of a rule that watches fields for changes: that of its best field.

    atsbridge observes changes itself, from the first sync on, whatever the ATS dates. Fields that
    are worse are named.
    """
    fields = rule.check.watched if rule.check is not None else ()
    columns = [resolve(rule.subject, path).field.path for path in fields]
    levels = {column: _level(column, signals) for column in columns}
    if not levels:
        return CoverageLevel.FULL, {}
    best = min(level for level, _ in levels.values())
    unseen = {c: r for c, (level, r) in levels.items() if level >= CoverageLevel.WITH_MAPPING}
    why = dict.fromkeys(f"{column}: {reason}" for column, reason in unseen.items())
    return max(best, CoverageLevel.SINCE_INSTALL), why


def _deciding(rule: Rule) -> Iterator[str]:
    """Every deciding "kind.field", each once."""
    paths_read = list(paths(rule.where))
    if rule.clock is not None:
        paths_read += [
            rule.clock.start,
            rule.settled_by,
            *([rule.clock.stop] if rule.clock.stop else []),
        ]
    else:
        paths_read += [*paths(rule.open.where), *(rule.check.reads if rule.check else ())]
    below = rule.check.below if rule.check else None
    columns = [c for w in paths_read for c in resolve(rule.subject, w).columns]
    columns += [c for w in below.columns for c in resolve(below.kind, w).columns] if below else []
    yield from dict.fromkeys(columns)


def measure_column(column: str, spec: ConnectorSpec) -> CoverageLevel:
    """How much of one "kind.field" a connector supplies. A derived field depends on its sources."""
    return _level(column, _signals_of(spec))[0]


def silent(
    rule: Rule, spec: ConnectorSpec, mapped: Collection[str] = frozenset()
) -> frozenset[str]:
    """The "kind.field"s of pause, reset and cancel that this connector never supplies."""
    signals = {**_signals_of(spec), **dict.fromkeys(mapped)}
    return frozenset(
        one for one in _asides(rule) if _level(one, signals)[0] > CoverageLevel.SINCE_INSTALL
    )


def decisive(rule: Rule) -> frozenset[str]:
    """Every "kind.field" that the rule cannot do without, including the sources of derived ones."""
    return _down(set(_deciding(rule)))


def required(rule: Rule) -> frozenset[str]:
    """Every "kind.field" without which nothing is said of any subject: what decides, what may
    pause, reset or cancel, and who is told."""
    people = addressed(rule.subject, tuple(step.to for step in rule.steps))
    return frozenset((*_deciding(rule), *_asides(rule))) | people


def needs(rule: Rule) -> frozenset[str]:
    """Every "kind.field" that the rule reads, including the sources of derived ones."""
    paths_read = (*rule.open.columns, *paths(rule.open.where))
    return _down(
        {c for w in paths_read for c in resolve(rule.subject, w).columns} | set(_asides(rule))
    )


def _down(found: set[str]) -> frozenset[str]:
    """These fields, and the sources of derived ones."""
    queue = list(found)
    for column in queue:
        queue += [source for source in field(column).sources if source not in found]
        found |= set(field(column).sources)
    return frozenset(found)


def _asides(rule: Rule) -> Iterator[str]:
    """The fields that can pause, reset or cancel the clock, or change its target."""
    if rule.clock is not None:
        if rule.clock.targets is not None:
            yield resolve(rule.subject, rule.clock.targets.path).field.path
        for path in (*rule.clock.pause, *rule.clock.reset, *rule.clock.cancel):
            yield resolve(rule.subject, path).field.path


def _signals_of(spec: ConnectorSpec) -> Mapping[str, Signal | None]:
    """The signal of every "kind.field" of the connector; None for a field it supplies in full."""
    owned = {f"{k}.{c}": None for s in spec.streams for k, cs in s.owns.items() for c in cs}
    return {**owned, **spec.signals}


def _level(path: str, signals: Mapping[str, Signal | None]) -> tuple[CoverageLevel, str]:
    if path.partition(".")[0] in _OURS:
        return CoverageLevel.FULL, ""
    if path in signals:
        signal = signals[path]
        return (CoverageLevel.FULL, "") if signal is None else (_of(signal), signal.why)
    if sources := field(path).sources:
        return _derived(path, sources, signals)
    if field(path).derived and field(path).type is not FieldType.INTERVAL:
        return CoverageLevel.FULL, ""  # our own observation
    return CoverageLevel.NO, "no list of this connector supplies it"


def _derived(
    path: str, sources: tuple[str, ...], signals: Mapping[str, Signal | None]
) -> tuple[CoverageLevel, str]:
    """The signal of a derived field: the worst of its available sources; none without a source."""
    found = {source: _level(source, signals) for source in sources if source != path}
    there = [level for level, _ in found.values() if level < CoverageLevel.WITH_MAPPING]
    if not there:
        return max(found.values()) if found else (CoverageLevel.NO, "nothing to derive it from")
    gaps = [source for source, (level, _) in found.items() if level >= CoverageLevel.WITH_MAPPING]
    worst, why = max(there), f"without {', '.join(gaps)}" if gaps else ""
    dated = any(field(source).type in _DATED for source in found.keys() - set(gaps))
    if gaps and not dated and field(path).type in _DATED:
        return max(worst, CoverageLevel.SINCE_INSTALL), f"dated by our own sight, {why}"
    return worst, why


def _of(signal: Signal) -> CoverageLevel:
    if signal.history is SignalHistory.NONE:
        return CoverageLevel.WITH_MAPPING if signal.with_mapping else CoverageLevel.NO
    return (
        CoverageLevel.SINCE_INSTALL
        if signal.history is SignalHistory.SINCE_INSTALL
        else CoverageLevel.FULL
    )
