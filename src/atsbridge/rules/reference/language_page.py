"""The reference of the rule language, from kinds and catalog: in a terminal, and docs/rules.md."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pydantic import BaseModel

from atsbridge.model import KINDS, Field, FieldType, Null, answers_when_absent, resolve, roots
from atsbridge.ports import AnyRuleKind, ConnectorSpec
from atsbridge.rules.compile import CoverageLevel, answered, coverage
from atsbridge.rules.language import OPERATORS, PLACEHOLDERS, RuleKeys, StepKeys, example
from atsbridge.rules.pack_tests import BLOCKS, SAYS
from atsbridge.rules.reference import language_prose
from atsbridge.rules.reference.key_meanings import COMMON, STEP, find_example, find_meaning
from atsbridge.rules.reference.key_shapes import list_shapes
from atsbridge.rules.reference.page_examples import EXAMPLE, TESTED
from atsbridge.rules.rule import Rule

_ABSENT = {
    Null.NOT_YET: "not yet",
    Null.NONE: "none",
    Null.UNKNOWN: "unknown",
}
COMMAND = "atsbridge rules schema --markdown > docs/rules.md"


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """One path that rules on a kind of record may use."""

    path: str
    type: str
    absent: str
    reader: str
    doc: str


def list_fields(subject: str) -> list[FieldEntry]:
    """Every path for subjects of this kind without links followed; the nearest records first."""
    starts = roots(subject)
    return [
        _entry(
            field,
            f"{root}.{name}",
            _ABSENT[answers_when_absent(resolve(subject, f"{root}.{name}"))],
        )
        for root in sorted(starts, key=lambda name: len(starts[name]))
        for name, field in KINDS[root].fields.items()
    ]


def list_kind_keys(kind: AnyRuleKind) -> dict[str, str]:
    """The keys that a kind adds to those of every rule, each with a right line.

    Keys of a block are written with its name: "clock.start".
    """
    found: dict[str, str] = {}
    for name, info in kind.schema.model_fields.items():
        if name in RuleKeys.model_fields:
            continue
        block = info.annotation
        if isinstance(block, type) and issubclass(block, BaseModel):
            found |= {f"{name}.{one}": find_example(kind, one) for one in block.model_fields}
        else:
            found[name] = find_example(kind, name)
    return found


def render_page(
    kinds: Mapping[str, AnyRuleKind], rules: Iterable[Rule], connectors: Sequence[ConnectorSpec]
) -> str:
    """The page of docs on the rule language."""
    sections = (
        _head(),
        _common(),
        _steps(),
        _kinds(kinds),
        _conditions(),
        _messages(),
        _sending(),
        _tests(),
        _records(),
        _coverage(list(rules), connectors),
    )
    return "\n".join(line.rstrip() for part in sections for line in part) + "\n"


def _head() -> Iterator[str]:
    yield from language_prose.HEAD.format(command=COMMAND, example=EXAMPLE).splitlines()
    yield ""


def _common() -> Iterator[str]:
    yield from ("## Keys of every rule", "")
    yield from _key_table(RuleKeys, COMMON.get)


def _steps() -> Iterator[str]:
    yield from ("## Steps", "", *language_prose.STEPS.splitlines(), "")
    yield from _key_table(StepKeys, STEP.get)


def _kinds(kinds: Mapping[str, AnyRuleKind]) -> Iterator[str]:
    yield from ("## Kinds of rules", "", *language_prose.CLOCKS.splitlines(), "")
    for name, kind in kinds.items():
        yield from (f"### `{name}`", "", kind.question, "")
        own = list_kind_keys(kind)
        yield from _key_table(kind.schema, partial(find_meaning, kind), own)


def _key_table(
    model: type[BaseModel],
    find: Callable[[str], str | None],
    own: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """The keys of a model, `own` ones only where they are given, with all that is known of them."""
    rows = [
        (
            f"`{one.name}`",
            one.type,
            one.default,
            f"`{(own or {}).get(one.name) or example(one.name.rpartition('.')[2])}`",
            find(one.name) or "",
        )
        for one in list_shapes(model)
        if own is None or one.name in own
    ]
    yield from _table(("key", "type", "default", "for example", "meaning"), rows)


def _conditions() -> Iterator[str]:
    yield from ("## Conditions", "")
    yield from (*language_prose.CONDITIONS.splitlines(), "")
    rows = [
        (str(kind), ", ".join(f"`{name}`" for name in known)) for kind, known in OPERATORS.items()
    ]
    yield from _table(("a field of type", "comparisons"), rows)


def _messages() -> Iterator[str]:
    yield from ("## Messages", "")
    yield from (*language_prose.MESSAGES.splitlines(), "")
    rows = [(f"`{{{name}}}`", meaning) for name, meaning in PLACEHOLDERS.items()]
    yield from _table(("placeholder", "meaning"), rows)


def _sending() -> Iterator[str]:
    yield from (
        "## Whom a message reaches, and when it is held",
        "",
        *language_prose.SENDING.splitlines(),
        "",
    )


def _tests() -> Iterator[str]:
    yield from ("## Tests", "")
    yield from (
        *language_prose.TESTS.format(says=", ".join(f"`{one}`" for one in SAYS)).splitlines(),
        "",
    )
    rows = [(f"`{name}`", f"`{line}`") for name, line in BLOCKS.items()]
    yield from _table(("under `given`", "for example"), rows)
    yield from ("```yaml", *TESTED.splitlines(), "```", "")


def _records() -> Iterator[str]:
    yield from ("## Records and their fields", "")
    yield from (*language_prose.RECORDS.splitlines(), "")
    for name, kind in KINDS.items():
        above = [root for root in roots(name) if root != name]
        doc = " ".join((inspect.getdoc(kind.record) or "").split("\n\n")[0].split())
        belongs = f" Belongs to {', '.join(above)}." if above else ""
        yield from (f"### `{name}`", "", f"{doc}{belongs}", "")
        fields = [_entry(one, one.path, _ABSENT[one.null]) for one in kind.fields.values()]
        yield from _table(
            ("field", "type", "absent", "who may read", "meaning"),
            [(f"`{w.path}`", w.type, w.absent, w.reader, w.doc) for w in fields],
        )


def _coverage(rules: Sequence[Rule], connectors: Sequence[ConnectorSpec]) -> Iterator[str]:
    yield from (
        "## Built-in rules and what each ATS gives them",
        "",
        *language_prose.COVERAGE.splitlines(),
        "",
    )
    found = [(rule, [coverage(rule, spec) for spec in connectors]) for rule in rules]
    rows = []
    for rule, levels in found:
        mark = "" if answered(levels) else " (no ATS supplies it)"
        labels = (one.level.label for one in levels)
        rows.append((f"`{rule.id}`{mark}", rule.kind, *labels, rule.title))
    yield from _table(("rule", "kind", *(spec.title for spec in connectors), "watches"), rows)
    for rule, levels in found:
        for spec, one in zip(connectors, levels, strict=True):
            if one.level is not CoverageLevel.FULL:
                yield f"* `{rule.id}` on {spec.title}: {'; '.join(one.why)}"


def _entry(field: Field, path: str, absent: str) -> FieldEntry:
    kind = f"{field.ref} (link)" if field.ref else str(field.type)
    if field.type is FieldType.ENUM:
        kind = ", ".join(field.values)
    doc = f"{field.doc} ({field.unit})" if field.unit else field.doc
    derived = f"; derived: {field.derived}" if field.derived else ""
    return FieldEntry(path, kind, absent, field.sensitivity.name.lower(), f"{doc}{derived}")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""
