"""Packs: files of rules read, merged and compiled, with every mistake found in one pass.

Where pack files are is `finder`'s; what a rule's keys may hold is `schema`'s and its kind's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, PlainValidator, ValidationError

from atsbridge.errors import RuleError
from atsbridge.model.query import Query, Where, paths
from atsbridge.ports import RuleKind
from atsbridge.rules import instants, message, vocabulary
from atsbridge.rules.assembly import Parsed
from atsbridge.rules.mistakes import Mistake, RuleErrors, listed, nearest, remedy, shown, wrong
from atsbridge.rules.refusals import told
from atsbridge.rules.rule import Exemption, Rule
from atsbridge.rules.schema import STRICT, Conditions, RuleKeys
from atsbridge.rules.source import Places, Source, read

__all__ = ["RuleErrors", "RuleSet", "load"]


class DefaultKeys(BaseModel):
    """What every rule of the file has unless it says otherwise."""

    model_config = STRICT

    calendar: str = "office"
    owner: str = ""
    status: Literal["draft", "shadow", "live", "retired"] = "draft"
    side: Literal["manager", "recruiter", ""] = ""


class PackKeys(BaseModel):
    """The top level of a file."""

    model_config = STRICT

    version: Literal[1]
    defaults: DefaultKeys = DefaultKeys()
    rules: tuple[dict[str, Any], ...] = ()
    overrides: tuple[dict[str, Any], ...] = ()
    exceptions: tuple[dict[str, Any], ...] = ()


def _until(value: Any) -> datetime:
    """The end of a day in UTC, or an instant."""
    try:
        day = date.fromisoformat(str(value))
        return vocabulary.day_end(day, "UTC").astimezone(UTC)
    except ValueError:
        pass
    try:
        return instants.parse(value)
    except ValueError:
        what = f"{shown(value)} is no day: an exception ends on a day such as 2026-12-31"
        raise wrong([Mistake(what, "Write: until: 2026-12-31")]) from None


class ExceptionKeys(BaseModel):
    """Subjects that a rule leaves alone until a day, and why."""

    model_config = STRICT

    rule: str
    where: Conditions
    until: Annotated[datetime, PlainValidator(_until, json_schema_input_type=str)]
    why: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Compiled rules by id, in the order of the files.

    `fingerprint` differs when any text does: then everything is judged anew.
    """

    rules: Mapping[str, Rule]
    fingerprint: str


@dataclass(slots=True)
class _Raw:
    """A rule as written: defaults and overrides merged in, each part with its place."""

    data: dict[str, Any]
    places: Places


@dataclass(slots=True)
class _Loader:
    kinds: Mapping[str, RuleKind]
    errors: list[RuleError] = field(default_factory=list)
    raws: dict[str, _Raw] = field(default_factory=dict)
    others: list[_Raw] = field(default_factory=list)  # no id, or one that is taken
    subjects: dict[str, str] = field(default_factory=dict)

    def wrong(self, places: Places, loc: tuple[str | int, ...], what: str, mend: str) -> None:
        self.errors.append(RuleError(what, where=str(places.value(loc)), remedy=mend))

    def sources(self, texts: Sequence[tuple[str, str]]) -> Iterator[Source]:
        """The files that are YAML, each with a good top level as far as it goes."""
        for name, text in texts:
            try:
                source = read(name, text)
            except RuleError as error:
                self.errors.append(error)
                continue
            self.errors += source.errors
            if isinstance(source.data, Mapping):
                self.validate(PackKeys, source.data, source.places, {})
                yield source
            else:
                what = f"a pack is a block of keys, not {shown(source.data)}"
                self.wrong(source.places, (), what, "Write: version: 1")

    def validate(
        self, model: type[BaseModel], data: Any, places: Places, context: Mapping[str, Any]
    ) -> Any:
        """The parsed keys, or None with what is wrong noted."""
        try:
            return model.model_validate(data, context=dict(context))
        except ValidationError as error:
            self.errors += told(error, model, data, places)
            return None

    def collect(self, source: Source) -> None:
        """The rules of a file, its defaults put under them."""
        defaults = source.data.get("defaults")
        defaults = defaults if isinstance(defaults, Mapping) else {}
        known = {key: v for key, v in defaults.items() if key in DefaultKeys.model_fields}
        for data, places in _entries(source, "rules"):
            raw = _Raw({**known, **data}, places)
            name = data.get("id")
            if not isinstance(name, str):
                self.others.append(raw)
            elif name in self.raws:
                first = self.raws[name].places.value(("id",))
                what = f'the id "{name}" is taken by the rule at {first}'
                self.wrong(
                    places, ("id",), what, f"To change that rule write: overrides: [{{id: {name}}}]"
                )
                self.others.append(raw)
            else:
                self.raws[name] = raw

    def override(self, source: Source) -> None:
        """What the file changes in rules of this or another file; later files come later."""
        for data, places in _entries(source, "overrides"):
            name = data.get("id")
            raw = self.raws.get(str(name))
            if raw is None:
                self._no_rule(places, "id", name)
                continue
            changed = set(data) - {"id"}
            clock = raw.data.get("clock")
            if isinstance(data.get("clock"), Mapping) and isinstance(clock, Mapping):
                data = {**data, "clock": {**clock, **data["clock"]}}
            raw.data = {**raw.data, **data}
            raw.places = raw.places.replaced(places, changed)

    def _no_rule(self, places: Places, key: str, name: Any) -> None:
        if name is None:
            self.wrong(places, (), f'"{key}" is missing', f"Write: {key}: feedback-late")
            return
        near = nearest(str(name), self.raws)
        fixed = near or next(iter(self.raws), "feedback-late")
        what = f"there is no rule {shown(name)}"
        self.wrong(places, (key,), what, remedy(near, f"{key}: {fixed}"))

    def compile(self, raw: _Raw) -> Rule | None:
        """The rule, or None with what is wrong noted."""
        kind = self._kind(raw)
        each = raw.data.get("each")
        found = vocabulary.subject_of(each) if isinstance(each, str) else None
        subject = found if isinstance(found, str) else None
        data = raw.data if kind else self._common(raw.data)
        model = kind.schema if kind else RuleKeys
        keys = self.validate(model, data, raw.places, {"subject": subject})
        self._causes(raw)
        if keys is None or kind is None or subject is None:
            return None
        for index, step in enumerate(keys.steps):
            if public := message.too_public(keys.message, subject, step.to):
                self.wrong(raw.places, ("steps", index, "to"), public.what, public.remedy)
        return self._compiled(kind, Parsed(keys, subject, raw.places))

    def _causes(self, raw: _Raw) -> None:
        """`muted_by` names rules, whatever else is wrong with this one."""
        names = raw.data.get("muted_by")
        for index, name in enumerate(names if isinstance(names, list) else [names]):
            if isinstance(name, str) and name not in self.raws:
                near = nearest(name, self.raws)
                mend = remedy(near, f"muted_by: [{near or 'stalled-in-stage'}]")
                self.wrong(raw.places, ("muted_by", index), f'there is no rule "{name}"', mend)

    def _compiled(self, kind: RuleKind, parsed: Parsed) -> Rule | None:
        """What the kind makes of good keys; a plugin's kind may break on them."""
        try:
            rule: Rule = kind.compile(parsed)
        except Exception as error:  # noqa: BLE001  (a plugin's code: any fault is told, none spreads)
            what = f'the kind "{kind.name}" broke on this rule: {type(error).__name__}: {error}'
            self.wrong(parsed.places, (), what, "Tell whoever wrote the plugin")
            return None
        return rule

    def _common(self, data: dict[str, Any]) -> dict[str, Any]:
        """A rule of no known kind without the keys that only kinds have."""
        own = {key for kind in self.kinds.values() for key in kind.schema.model_fields}
        return {k: v for k, v in data.items() if k not in own - RuleKeys.model_fields.keys()}

    def _kind(self, raw: _Raw) -> RuleKind | None:
        name = raw.data.get("kind")
        kind = self.kinds.get(str(name))
        if kind is None and name is not None:
            near = nearest(str(name), self.kinds)
            what = f"there is no kind {shown(name)}: {listed(self.kinds)}"
            self.wrong(raw.places, ("kind",), what, remedy(near, f"kind: {near or 'sla'}"))
        return kind

    def exempt(self, source: Source, rules: dict[str, Rule]) -> None:
        """Hang the file's exceptions on their rules."""
        for data, places in _entries(source, "exceptions"):
            name = data.get("rule")
            if name is not None and name not in self.raws:
                self._no_rule(places, "rule", name)
            rule = rules.get(str(name))
            context = {"subject": rule.subject if rule else None}
            keys = self.validate(ExceptionKeys, data, places, context)
            if keys is not None and rule is not None:
                rules[rule.id] = _exempted(rule, keys, places)


def _entries(source: Source, key: str) -> Iterator[tuple[dict[str, Any], Places]]:
    entries = source.data.get(key)
    for index, data in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(data, dict):
            yield data, source.places.below((key, index))


def _exempted(rule: Rule, keys: ExceptionKeys, places: Places) -> Rule:
    """The rule with one exemption more, and the columns that it reads."""
    where: Where = keys.where
    more = Exemption(where, keys.until, keys.why, places.value(()))

    def reading(query: Query) -> Query:
        return replace(query, columns=vocabulary.unique((*query.columns, *paths(where))))

    return replace(
        rule,
        exemptions=(*rule.exemptions, more),
        open=reading(rule.open),
        settled=reading(rule.settled),
    )


def load(texts: Sequence[tuple[str, str]], kinds: Mapping[str, RuleKind]) -> RuleSet:
    """The rules of some packs, each given as its name in messages and its text.

    RuleErrors holds everything that is wrong in any of them, by file and line.
    """
    loader = _Loader(kinds)
    sources = list(loader.sources(texts))
    for source in sources:
        loader.collect(source)
    for source in sources:
        loader.override(source)
    rules: dict[str, Rule] = {}
    for raw in (*loader.others, *loader.raws.values()):
        rule = loader.compile(raw)
        if rule is not None:
            rules[rule.id] = rule
    for source in sources:
        loader.exempt(source, rules)
    if loader.errors:
        raise RuleErrors(_sorted(loader.errors, [name for name, _ in texts]))
    digest = hashlib.sha256(repr(list(texts)).encode()).hexdigest()
    return RuleSet(rules, digest)


def _sorted(errors: list[RuleError], names: list[str]) -> list[RuleError]:
    """By file as given, then line and column; each only once."""

    def order(error: RuleError) -> tuple[int, list[int]]:
        file = next((name for name in names if error.where.startswith(f"{name}:")), "")
        numbers = error.where.removeprefix(file).split(":")
        return names.index(file) if file else -1, [int(n) for n in numbers if n.isdecimal()]

    return sorted({str(error): error for error in errors}.values(), key=order)
