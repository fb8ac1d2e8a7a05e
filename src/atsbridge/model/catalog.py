"""The catalog: every kind of record, every field, and how paths join them.

Rules, templates, the store's tables, `rules schema` and the docs are driven from here; the
records are declared in the modules beside this one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from functools import cache

from atsbridge.model.applications import Application, Candidate, EndReason, Offer, StageStay
from atsbridge.model.fields import METADATA_KEY, Field, FieldType, Null
from atsbridge.model.interviews import Interview, Scorecard, Seat
from atsbridge.model.organization import Department, Office, TeamMember, User
from atsbridge.model.record import Record
from atsbridge.model.requisitions import Approval, Brief, Criterion, Opening, Requisition, Stage

_RECORDS: Mapping[str, type[Record]] = {
    "user": User,
    "office": Office,
    "department": Department,
    "requisition": Requisition,
    "opening": Opening,
    "team_member": TeamMember,
    "stage": Stage,
    "criterion": Criterion,
    "brief": Brief,
    "candidate": Candidate,
    "reason": EndReason,
    "application": Application,
    "stage_stay": StageStay,
    "interview": Interview,
    "scorecard": Scorecard,
    "seat": Seat,
    "offer": Offer,
    "approval": Approval,
}


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: its name in rules and tables, its class, its fields by name."""

    name: str
    record: type[Record]
    fields: Mapping[str, Field]

    @property
    def supplied(self) -> tuple[str, ...]:
        """Names of the fields a connector may supply, in the order of declaration."""
        return tuple(n for n, f in self.fields.items() if not f.derived)

    @property
    def derived(self) -> tuple[str, ...]:
        """Names of the stored fields that are computed from others."""
        return tuple(n for n, f in self.fields.items() if f.derived and f.stored)


def _kind(name: str, record: type[Record]) -> Kind:
    declared = {
        f.name: dataclasses.replace(f.metadata[METADATA_KEY], name=f.name, kind=name)
        for f in dataclasses.fields(record)
        if METADATA_KEY in f.metadata
    }
    return Kind(name, record, declared)


KINDS: Mapping[str, Kind] = {name: _kind(name, record) for name, record in _RECORDS.items()}
KIND_OF: Mapping[type[Record], str] = {k.record: k.name for k in KINDS.values()}


def kind(name: str) -> Kind:
    """The kind of that name. KeyError if there is none."""
    return KINDS[name]


def field(path: str) -> Field:
    """The field of `kind.name`. KeyError if there is none."""
    kind_name, _, field_name = path.partition(".")
    return KINDS[kind_name].fields[field_name]


@cache
def roots(subject: str) -> Mapping[str, tuple[str, ...]]:
    """The first names of paths for subjects of this kind: name -> refs to follow from it.

    `roots("seat")["requisition"] == ("interview", "application", "requisition")`. The subject
    itself is there with no refs; the nearest parent of a name wins.
    """
    found: dict[str, tuple[str, ...]] = {subject: ()}
    queue = [subject]
    for at in queue:
        for name, declared in KINDS[at].fields.items():
            if declared.parent and declared.ref not in found:
                found[declared.ref] = (*found[at], name)
                queue.append(declared.ref)
    return found


@cache
def parents(subject: str) -> Mapping[str, str]:
    """The parents of a subject: kind -> the path whose value is the id of the parent."""
    found: dict[str, str] = {}
    for root, refs in roots(subject).items():
        at = subject
        for ref in refs[:-1]:
            at = KINDS[at].fields[ref].ref
        if refs:
            found[root] = f"{at}.{refs[-1]}"
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class Resolved:
    """A resolved path: the refs to follow from the subject, then the field."""

    path: str
    refs: tuple[Field, ...]
    field: Field

    @property
    def columns(self) -> tuple[str, ...]:
        """Every "kind.field" the path reads; what its freshness depends on."""
        return (*(r.path for r in self.refs), self.field.path)


@cache
def resolve(subject: str, path: str) -> Resolved:
    """Resolve a path for subjects of this kind. KeyError names the first unknown part.

    A path is a root (`roots`), then refs, then a field: `seat.scorecard.submitted_at`.
    """
    parts = path.split(".")
    starts = roots(subject)
    if parts[0] not in starts:
        raise KeyError(parts[0])
    refs: list[Field] = []
    at = subject
    for name in starts[parts[0]]:
        refs.append(KINDS[at].fields[name])
        at = refs[-1].ref
    for name in parts[1:-1]:
        step = KINDS[at].fields.get(name)
        if step is None or not step.ref:
            raise KeyError(name)
        refs.append(step)
        at = step.ref
    last = KINDS[at].fields.get(parts[-1]) if len(parts) > 1 else None
    if last is None:
        raise KeyError(parts[-1])
    return Resolved(path, tuple(refs), last)


def every_field() -> Iterator[Field]:
    """All fields of all kinds, in the order of declaration."""
    for one in KINDS.values():
        yield from one.fields.values()


def answers_when_absent(resolved: Resolved) -> Null:
    """The meaning of an absent value at the end of this path.

    If a ref on the way has no value, its own meaning counts: "no scorecard" is a fact, an unknown
    requisition is not.
    """
    if resolved.field.null is Null.UNKNOWN:
        return Null.UNKNOWN
    if any(r.null is Null.UNKNOWN and not r.parent for r in resolved.refs):
        return Null.UNKNOWN
    return resolved.field.null


__all__ = [
    "KINDS",
    "KIND_OF",
    "FieldType",
    "Kind",
    "Resolved",
    "answers_when_absent",
    "every_field",
    "field",
    "kind",
    "resolve",
    "roots",
]
