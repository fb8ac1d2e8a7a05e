"""The keys of checks that look at the records below a subject."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, PlainValidator, ValidationInfo

from atsbridge.model import KINDS, All, FieldType, Sensitivity, Where, resolve, roots
from atsbridge.rules.evaluate import Below, below
from atsbridge.rules.language import (
    OFFICE,
    PERSON,
    CheckKeys,
    Mistake,
    Parser,
    example,
    field_paths,
    nearest,
    remedy,
    shown,
    wrong,
)

Theirs = str  # of a path of the records below


def _ways(subject: str, kind: str) -> list[str]:
    """The links from records of a kind to a person, the records' own links first."""
    starts = roots(kind)
    return [
        f"{root}.{name}"
        for root in sorted(starts, key=lambda one: len(starts[one]))
        for name, field in KINDS[root].fields.items()
        if field.ref == subject
    ]


def _of(value: object, info: ValidationInfo) -> str:
    subject = (info.context or {}).get("subject")
    kinds = [kind for kind in KINDS if kind != subject and subject in roots(kind)]
    if subject == PERSON:
        kinds = [kind for kind in KINDS if kind != subject and _ways(subject, kind)]
    if subject is not None and value not in kinds:
        last = str(value).rpartition(".")[2]  # written as under `each`
        near = last if last in kinds else nearest(str(value), kinds)
        relation = "names a person" if subject == PERSON else f"belongs to one {subject}"
        what = f"{shown(value)} is no kind of record that {relation}"
        raise wrong(
            [Mistake(what, remedy(near, f"of: {near or next(iter(kinds), 'application')}"))]
        )
    return str(value)


def _through(value: object, info: ValidationInfo) -> str:
    """The link from the records to the person, in a rule on people."""
    kind, subject = info.data.get("of"), (info.context or {}).get("subject")
    if kind is None or subject is None:
        return ""
    ways = _ways(PERSON, kind) if subject == PERSON else []
    own = [way for way in ways if way.partition(".")[0] == kind]
    if value == "" and len(own) == 1:
        return own[0]
    if value in ways or (value == "" and subject != PERSON):
        return str(value)
    if subject != PERSON:
        what = f"through is for rules on people, and this one is on each {subject}"
        raise wrong([Mistake(what, "Leave through out")])
    near = nearest(str(value), ways)
    noun = field_paths.an(kind)
    what = f"{shown(value)} is no link from {noun} to a person"
    if value == "":
        what = f"{noun} names several people, and the rule does not say which"
    raise wrong([Mistake(what, remedy(near, f"through: {near or ways[0]}"))])


def conditions(value: object, info: ValidationInfo) -> Where:
    """A block of conditions on the records below."""
    kind = info.data.get("of")
    if kind is None:
        return All()
    parser = Parser(kind, info.data.get("calendar") or OFFICE, info.field_name or "")
    found = parser.block(value)
    if parser.mistakes:
        raise wrong(parser.mistakes)
    return found


def _path(value: object, info: ValidationInfo, want: str) -> str:
    key, kind = info.field_name or "", info.data.get("of")
    if not isinstance(value, str):
        raise wrong([Mistake(f"{key} needs a path, not {shown(value)}", f"Write: {example(key)}")])
    if kind is not None:
        found = field_paths.check(kind, value, want, key)
        if isinstance(found, Mistake):
            raise wrong([found])
    return value


def event(value: object, info: ValidationInfo) -> str:
    """A path to an instant or a date of the records below."""
    return _path(value, info, "event")


def figure(value: object, info: ValidationInfo) -> str:
    """A path to a number of the records below."""
    return _path(value, info, "number")


def telling(value: object, info: ValidationInfo) -> str:
    """A path to an open text field of the records below."""
    path, kind = _path(value, info, "fact"), info.data.get("of")
    if kind is not None:
        field = resolve(kind, path).field
        if field.sensitivity is not Sensitivity.OPEN or field.ref or field.type is FieldType.MAP:
            what = f'"{path}" is not for everybody to read'
            raise wrong([Mistake(what, f"Write: {example(info.field_name or '')}")])
    return path


def _same(value: object, info: ValidationInfo) -> dict[str, str]:
    kind, subject = info.data.get("of"), (info.context or {}).get("subject")
    if not isinstance(value, dict):
        what = f"same needs pairs of paths, not {shown(value)}"
        raise wrong([Mistake(what, f"Write: {example('same')}")])
    if kind is None or subject is None:
        return {}
    mistakes = []
    for theirs, ours in value.items():
        for at, path in ((kind, theirs), (subject, ours)):
            found = field_paths.check(at, str(path), "fact", "same")
            if isinstance(found, Mistake):
                mistakes.append(found._replace(loc=(theirs,), key=path == theirs))
    if mistakes:
        raise wrong(mistakes)
    return {str(theirs): str(ours) for theirs, ours in value.items()}


class UnderKeys(CheckKeys):
    """The records below the subject that a check reads."""

    of: Annotated[str, PlainValidator(_of, json_schema_input_type=str)]
    through: Annotated[
        str,
        PlainValidator(_through, json_schema_input_type=str),
        Field(validate_default=True),
    ] = ""
    among: Annotated[Where, PlainValidator(conditions, json_schema_input_type=dict[str, Any])] = (
        All()
    )
    same: Annotated[
        dict[str, str], PlainValidator(_same, json_schema_input_type=dict[str, str])
    ] = {}  # noqa: RUF012  (pydantic copies it)

    def below(self, subject: str, where: Where, columns: tuple[str, ...]) -> Below:
        """The records for which `where` holds, with these columns."""
        return below(subject, self.of, where, self.pairs, columns, through=self.through)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(path of theirs, path of the subject) that must have one value."""
        return tuple(self.same.items())

    def counted(self, *more: Where) -> All:
        """The conditions on each record that counts."""
        plain = self.among.parts if isinstance(self.among, All) else (self.among,)
        return All((*plain, *more))
