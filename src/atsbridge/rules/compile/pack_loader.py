"""Read, merge and compile pack files. Every error is found in one pass."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from atsbridge.errors import RuleError
from atsbridge.ports import AnyRuleKind, RuleSource
from atsbridge.rules.compile import contradictions
from atsbridge.rules.compile.compiler import add_exemption
from atsbridge.rules.compile.cross_references import KnownNames, Written, check
from atsbridge.rules.compile.discovery import Unread, names_in
from atsbridge.rules.compile.unknown_kind import guess_kind, keep_common
from atsbridge.rules.language import (
    STRICT,
    ExceptionKeys,
    Loc,
    Places,
    RuleErrors,
    RuleKeys,
    YamlSource,
    convert_errors,
    field_paths,
    listed,
    message_template,
    nearest,
    read,
    remedy,
    shown,
)
from atsbridge.rules.rule import FilePosition, Rule, RuleStatus

__all__ = ["KnownNames", "RuleErrors", "RuleSet", "load", "load_good"]


class DefaultKeys(BaseModel):
    """Keys of every rule in the file that does not have its own."""

    model_config = STRICT

    calendar: str = "office"
    owner: str = ""
    status: RuleStatus = RuleStatus.DRAFT
    side: Literal["manager", "recruiter", ""] = ""


class PackKeys(BaseModel):
    """The top level of a file."""

    model_config = STRICT

    version: Literal[1]
    description: str = ""
    defaults: DefaultKeys = DefaultKeys()
    rules: tuple[dict[str, Any], ...] = ()
    overrides: tuple[dict[str, Any], ...] = ()
    exceptions: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Compiled rules by id, in the order of the files: those without a mistake.

    `fingerprint` differs when any text does: then everything is judged anew. `stopped`: ids of
    rules that a mistake is about, or that stand in a file that is no YAML. `unread`: of a file not
    even the bytes are known, so nobody can say which rules it is about.
    """

    rules: Mapping[str, Rule]
    fingerprint: str
    mistakes: tuple[RuleError, ...] = ()
    stopped: frozenset[str] = frozenset()
    unread: bool = False


@dataclass(slots=True)
class _Raw:
    """A rule as written, with defaults and overrides merged in, and the place of each part."""

    data: dict[str, Any]
    places: Places


@dataclass(slots=True)
class _Loader:
    """Collects rules and errors. `affected`: the rules that the next error would stop."""

    kinds: Mapping[str, AnyRuleKind]
    known: KnownNames
    errors: list[RuleError] = field(default_factory=list)
    affected: frozenset[str] = frozenset()
    stopped: set[str] = field(default_factory=set)
    by_id: dict[str, _Raw] = field(default_factory=dict)
    others: list[_Raw] = field(default_factory=list)  # no id, or an id that exists already
    subjects: dict[str, str] = field(default_factory=dict)

    def add_error(self, places: Places, loc: tuple[str | int, ...], what: str, mend: str) -> None:
        self.add_error_at(places.value(loc), what, mend)

    def add_error_at(self, place: FilePosition, what: str, mend: str) -> None:
        """Add one error."""
        self.add_errors(RuleError(what, where=str(place), remedy=mend))

    def add_errors(self, *errors: RuleError) -> None:
        """Add the errors, and stop the rules that they concern."""
        if errors:
            self.errors += errors
            self.stopped |= self.affected

    def read_sources(self, texts: Sequence[tuple[str, str]]) -> Iterator[YamlSource]:
        """The files that are valid YAML, with the valid keys of their top level."""
        for name, text in texts:
            self.affected = whole = names_in(text)
            try:
                source = read(name, text)
            except RuleError as error:
                self.add_errors(error)
                continue
            for loc, fault in source.faults:
                self.affected = _find_rules_at(source.data, loc) or whole
                self.add_errors(fault)
            self.affected = whole
            if isinstance(source.data, Mapping):
                self.validate(PackKeys, source.data, source.places, {})
                yield source
            else:
                what = f"a pack is a block of keys, not {shown(source.data)}"
                self.add_error(source.places, (), what, "Write: version: 1")

    def validate(
        self, model: type[BaseModel], data: Any, places: Places, context: Mapping[str, Any]
    ) -> Any:
        """Parse the keys. None, with the errors added, if they are invalid."""
        try:
            return model.model_validate(data, context=dict(context))
        except ValidationError as error:
            self.add_errors(*convert_errors(error, model, data, places))
            return None

    def collect_rules(self, source: YamlSource) -> None:
        """Collect the rules of a file, with its defaults."""
        defaults = source.data.get("defaults")
        defaults = defaults if isinstance(defaults, Mapping) else {}
        known = {key: v for key, v in defaults.items() if key in DefaultKeys.model_fields}
        for data, places in _read_entries(source, "rules"):
            raw = _Raw({**known, **data}, places)
            name = data.get("id")
            self.affected = _as_names(name)
            if not isinstance(name, str):
                self.others.append(raw)
            elif name in self.by_id:
                first = self.by_id[name].places.value(("id",))
                what = f'the id "{name}" is taken by the rule at {first}'
                self.add_error(
                    places, ("id",), what, f"To change that rule write: overrides: [{{id: {name}}}]"
                )
                self.others.append(raw)
            else:
                self.by_id[name] = raw

    def apply_overrides(self, source: YamlSource) -> None:
        """Apply the file's overrides to rules of any file. Later files take precedence."""
        for data, places in _read_entries(source, "overrides"):
            name = data.get("id")
            self.affected = _as_names(name)
            raw = self.by_id.get(str(name))
            if raw is None:
                self._add_unknown_rule(places, "id", name)
                continue
            changed = set(data) - {"id"}
            clock = raw.data.get("clock")
            if isinstance(data.get("clock"), Mapping) and isinstance(clock, Mapping):
                data = {**data, "clock": {**clock, **data["clock"]}}
            raw.data = {**raw.data, **data}
            raw.places = raw.places.replaced(places, changed)

    def _add_unknown_rule(self, places: Places, key: str, name: Any) -> None:
        if name is None:
            self.add_error(places, (), f'"{key}" is missing', f"Write: {key}: feedback-late")
            return
        near = nearest(str(name), self.by_id)
        self.affected |= _as_names(near)  # the rule that was probably meant
        fixed = near or next(iter(self.by_id), "feedback-late")
        what = f"there is no rule {shown(name)}"
        self.add_error(places, (key,), what, remedy(near, f"{key}: {fixed}"))

    def compile_rule(self, raw: _Raw) -> Rule | None:
        """Compile a rule. None, with the errors added, if it is invalid."""
        self.affected = _as_names(raw.data.get("id"))
        kind = self._find_kind(raw)
        each = raw.data.get("each")
        found = field_paths.subject_of(each) if isinstance(each, str) else None
        subject = found if isinstance(found, str) else None
        meant = kind or guess_kind(raw.data, self.kinds)
        data = raw.data if meant else keep_common(raw.data, self.kinds)
        model = meant.schema if meant else RuleKeys
        context = {"subject": subject or field_paths.guess_subject(each)}
        keys = self.validate(model, data, raw.places, context)
        if keys is None or kind is None or subject is None:
            return None
        rule = self._run_kind(kind, keys, RuleSource(subject, raw.places.value))
        if rule is not None:
            self._check_compiled(rule, raw)
        return rule

    def _check_compiled(self, rule: Rule, raw: _Raw) -> None:
        """Find messages that say too much for their readers, and keys that contradict others."""
        for index, step in enumerate(rule.steps):
            for text in rule.messages_of(step):
                if public := message_template.too_public(text, rule.subject, step.to):
                    self.add_error(raw.places, ("steps", index, "to"), public.what, public.remedy)
        for found in contradictions.find(rule, raw.data):
            self.add_error(raw.places, found.loc, found.what, found.remedy)

    def _run_kind(self, kind: AnyRuleKind, keys: RuleKeys, source: RuleSource) -> Rule | None:
        """Let the kind compile valid keys. The kind of a plugin may raise anything."""
        try:
            rule = kind.compile(keys, source)
            if not isinstance(rule, Rule):
                raise TypeError(f"compile returned {type(rule).__name__}, not a Rule")
        except Exception as error:  # noqa: BLE001  (a plugin's code may raise anything)
            what = f'the kind "{kind.name}" broke on this rule: {type(error).__name__}: {error}'
            self.add_error_at(source.place(()), what, "Tell whoever wrote the plugin")
            return None
        return rule

    def _find_kind(self, raw: _Raw) -> AnyRuleKind | None:
        name = raw.data.get("kind")
        kind = self.kinds.get(str(name))
        if kind is None and name is not None:
            near = nearest(str(name), self.kinds)
            what = f"there is no kind {shown(name)}: {listed(self.kinds)}"
            meant = guess_kind(raw.data, self.kinds)
            fixed = meant.name if meant else "sla"
            self.add_error(raw.places, ("kind",), what, remedy(near, f"kind: {fixed}"))
        return kind

    def check_references(self) -> None:
        """Check that everything exists that rules refer to."""
        every = (*self.by_id.values(), *self.others)
        written = [Written(str(raw.data.get("id")), raw.data, raw.places) for raw in every]
        for found in check(written, self.known):
            self.affected = found.stops
            self.add_errors(found.error)

    def add_exceptions(self, source: YamlSource, rules: dict[str, Rule]) -> None:
        """Add the file's exceptions to their rules."""
        for data, places in _read_entries(source, "exceptions"):
            name = data.get("rule")
            self.affected = _as_names(name)
            if name is not None and name not in self.by_id:
                self._add_unknown_rule(places, "rule", name)
            rule = rules.get(str(name))
            context = {"subject": rule.subject if rule else None}
            keys = self.validate(ExceptionKeys, data, places, context)
            if keys is not None and rule is not None:
                rules[rule.id] = add_exemption(rule, keys, places.value(()))


def _as_names(name: Any) -> frozenset[str]:
    return frozenset((name,)) if isinstance(name, str) else frozenset()


def _find_rules_at(data: Any, loc: Loc) -> frozenset[str]:
    """The rules that an entry of a pack concerns; none outside an entry."""
    match loc:
        case ("rules" | "overrides" | "exceptions" as block, int(index), *_):
            entry = data[block][index]
            key = "rule" if block == "exceptions" else "id"
            return _as_names(entry.get(key) if isinstance(entry, Mapping) else None)
    return frozenset()


def _read_entries(source: YamlSource, key: str) -> Iterator[tuple[dict[str, Any], Places]]:
    entries = source.data.get(key)
    places = source.places.split((key,))
    for index, data in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(data, dict):
            yield data, places[index]


def load(
    texts: Sequence[tuple[str, str]],
    kinds: Mapping[str, AnyRuleKind],
    known: KnownNames | None = None,
) -> RuleSet:
    """The rules of some packs, each given as its name in messages and its text.

    `known`: what rules may refer to; None leaves that open. RuleErrors holds everything that is
    wrong in any of them, by file and line.
    """
    found = load_good(texts, kinds, known)
    if found.mistakes:
        raise RuleErrors(found.mistakes)
    return found


def load_good(
    texts: Sequence[tuple[str, str]],
    kinds: Mapping[str, AnyRuleKind],
    known: KnownNames | None = None,
    unread: Sequence[Unread] = (),
) -> RuleSet:
    """The rules in which nothing is wrong, and everything that is wrong with the others.

    A mistake stops the rule it is about; one that is about no rule, such as a file that is no
    YAML, stops every rule that the file names. `unread`: packs that are no text.
    """
    loader = _Loader(kinds, known or KnownNames())
    for pack in unread:
        loader.affected = pack.names or frozenset()
        loader.add_errors(pack.error)
    sources = list(loader.read_sources(texts))
    for source in sources:
        loader.collect_rules(source)
    for source in sources:
        loader.apply_overrides(source)
    rules: dict[str, Rule] = {}
    for raw in (*loader.others, *loader.by_id.values()):
        rule = loader.compile_rule(raw)
        if rule is not None:
            rules[rule.id] = rule
    for source in sources:
        loader.add_exceptions(source, rules)
    loader.check_references()
    digest = hashlib.sha256(repr(list(texts)).encode()).hexdigest()
    return RuleSet(
        {name: rule for name, rule in rules.items() if name not in loader.stopped},
        digest,
        tuple(_sort_errors(loader.errors, [name for name, _ in texts])),
        frozenset(loader.stopped),
        any(pack.names is None for pack in unread),
    )


def _sort_errors(errors: list[RuleError], names: list[str]) -> list[RuleError]:
    """By file as given, then line and column; each only once."""

    def order(error: RuleError) -> tuple[int, list[int]]:
        file = next((name for name in names if error.where.startswith(f"{name}:")), "")
        numbers = error.where.removeprefix(file).split(":")
        return names.index(file) if file else -1, [int(n) for n in numbers if n.isdecimal()]

    return sorted({str(error): error for error in errors}.values(), key=order)
