"""Tags on a candidate, and custom fields of an application: put on, looked up, taken off.

When, and that a person allowed it, is decided elsewhere. Never a field of a job: writing one may
open its approvals again.
"""

from __future__ import annotations

from typing import Any

import msgspec

from atsbridge.errors import DeniedError, FatalError
from atsbridge.model.notice import Receipt
from atsbridge.model.record import Key
from atsbridge.model.writing import TAG, Mark
from atsbridge.net.session import Session
from atsbridge_greenhouse import problems
from atsbridge_greenhouse.links import read
from atsbridge_greenhouse.notes import candidate_of
from atsbridge_greenhouse.values import Row, Scalar, ident

_TEXTS = ("short_text", "long_text", "url", "date")


class _Tag(Row):
    name: Scalar = None


class _Field(Row):
    name_key: Scalar = None
    value_type: Scalar = None


class _Option(Row):
    name: Scalar = None


class _Application(Row):
    custom_fields: dict[str, Any] | None = None


def put(session: Session, record: Key, mark: Mark) -> Receipt:
    """Put it on where it is not there yet. A tag sits on the person: all their jobs show it."""
    if mark.capability == TAG:
        candidate = candidate_of(session, record)
        tag = _tag(session, mark.value) or _new_tag(session, mark.value)
        had = _applied(session, candidate, tag) is not None
        if not had:
            body = {"candidate_id": int(candidate), "candidate_tag_id": int(tag)}
            session.send("POST", "applied_candidate_tags", json=body)
        return _receipt("candidate", candidate, had=had)
    field, values = _field(session, record, mark), _values(session, record)
    had = _same(values.get(str(field.name_key)), mark.value)
    if not had:
        _set(session, record, field, _as_written(session, record, field, mark), values)
    return _receipt("application", record.id, had=had)


def take(session: Session, record: Key, mark: Mark) -> Receipt:
    """Take it off if it is there. A field that says something else by now keeps it."""
    if mark.capability == TAG:
        candidate, tag = candidate_of(session, record), _tag(session, mark.value)
        row = _applied(session, candidate, tag) if tag else None
        if row:
            session.send("DELETE", f"applied_candidate_tags/{row}")
        return _receipt("candidate", candidate, had=row is not None)
    field, values = _field(session, record, mark), _values(session, record)
    had = _same(values.get(str(field.name_key)), mark.value)
    if had:
        _set(session, record, field, None, values)
    return _receipt("application", record.id, had=had)


def bears(session: Session, record: Key, mark: Mark) -> Receipt | None:
    """The receipt it would have, if it is there."""
    if mark.capability == TAG:
        candidate, tag = candidate_of(session, record), _tag(session, mark.value)
        there = tag is not None and _applied(session, candidate, tag) is not None
        return _receipt("candidate", candidate, had=False) if there else None
    value = _values(session, record).get(_key(mark))
    return _receipt("application", record.id, had=False) if _same(value, mark.value) else None


def _receipt(kind: str, id_: str, *, had: bool) -> Receipt:
    return Receipt({"on": f"{kind}/{id_}", "had": had})


# --- tags -----------------------------------------------------------------------------------------


def _tag(session: Session, name: str) -> str | None:
    for page in read(session, "candidate_tags", _Tag):
        for row in page:
            if str(row.name or "").casefold() == name.casefold():
                return ident(row.id)
    return None


def _new_tag(session: Session, name: str) -> str:
    try:
        answer = session.send("POST", "candidate_tags", json={"name": name})
    except DeniedError as error:
        scope = problems.permission("harvest:candidate_tags:create")
        error.remedy = f"Make the tag {name!r} in Greenhouse, or: {scope}"
        raise
    found = ident(msgspec.json.decode(answer.body, type=_Tag).id)
    if found is None:
        raise FatalError("made a tag and did not say which", where=session.name)
    return found


def _applied(session: Session, candidate: str, tag: str) -> str | None:
    """The id of the row that says so."""
    rows = read(
        session, "applied_candidate_tags", Row, candidate_ids=candidate, candidate_tag_ids=tag
    )
    return next((ident(row.id) for page in rows for row in page), None)


# --- custom fields of an application --------------------------------------------------------------


def _key(mark: Mark) -> str:
    return mark.field.removeprefix("custom.")


def _field(session: Session, record: Key, mark: Mark) -> _Field:
    pages = read(session, "custom_fields", _Field, field_type="application")
    fields = {str(row.name_key): row for page in pages for row in page}
    try:
        return fields[_key(mark)]
    except KeyError:
        raise FatalError(
            f"Greenhouse has no custom field {_key(mark)!r} of applications",
            where=str(record),
            remedy=f"Write one of: {', '.join(sorted(fields)) or 'none; make one in Greenhouse'}",
        ) from None


def _values(session: Session, record: Key) -> dict[str, Any]:
    """What the application's fields say now. FatalError where it cannot be seen."""
    for page in read(session, "applications", _Application, ids=record.id):
        for row in page:
            return {name: _value(one) for name, one in (row.custom_fields or {}).items()}
    raise FatalError(
        "the application cannot be seen: nothing was written",
        where=str(record),
        remedy="It may have been deleted; the next sync tells",
    )


def _value(held: Any) -> Any:
    return held.get("value") if isinstance(held, dict) else held


def _as_written(session: Session, record: Key, field: _Field, mark: Mark) -> Any:
    """The value in the form its field takes; of a choice the id of the option."""
    kind, text = str(field.value_type), mark.value
    if kind in _TEXTS:
        return text
    if kind == "yes_no" and text.lower() in ("true", "false", "yes", "no"):
        return text.lower() in ("true", "yes")
    if kind == "number":
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            pass
    if kind == "single_select":
        ids: dict[str, _Option] = {}
        for page in read(
            session, "custom_field_options", _Option, custom_field_ids=ident(field.id) or ""
        ):
            ids |= {str(row.name).casefold(): row for row in page}
        if chosen := ids.get(text.casefold()):
            return int(ident(chosen.id) or 0)
        known = ", ".join(str(row.name) for row in ids.values())
        raise _refused(record, mark, f"it is none of its choices: {known}")
    raise _refused(record, mark, f"the field is of type {kind}")


def _refused(record: Key, mark: Mark, why: str) -> FatalError:
    return FatalError(
        f"{mark.field} cannot be set to {mark.value!r}: {why}",
        where=str(record),
        remedy="Put it right in the rule's step",
    )


def _set(session: Session, record: Key, field: _Field, value: Any, before: dict[str, Any]) -> None:
    """PATCH this field alone. FatalError if the answer shows that others were emptied by it.

    Whether a PATCH leaves the other fields as they are is written nowhere: so it is checked.
    """
    key = str(field.name_key)
    body = {"custom_fields": [{"name_key": key, "value": value}]}
    answer = session.send("PATCH", f"applications/{record.id}", json=body)
    try:
        told = msgspec.json.decode(answer.body, type=_Application).custom_fields
    except msgspec.DecodeError:
        return  # it is written all the same
    after = {name: _value(one) for name, one in (told or {}).items()}
    lost = [n for n, held in before.items() if n != key and held and not after.get(n)]
    if told is not None and lost:
        raise FatalError(
            f"writing {key} emptied other fields: {', '.join(sorted(lost))}",
            where=str(record),
            remedy='Take "application_field" out of write of this account, and write them anew',
        )


def _same(held: Any, text: str) -> bool:
    if held is None:
        return False
    if isinstance(held, bool):
        return text.lower() in (("true", "yes") if held else ("false", "no"))
    try:
        return float(held) == float(text)
    except (TypeError, ValueError):
        return str(held).casefold() == text.casefold()
