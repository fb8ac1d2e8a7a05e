"""Write, find and remove tags of a candidate and values of an application's custom fields.

Fields of a job are never written: writing one may start its approvals again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, Generic, TypeVar

import msgspec

from atsbridge.api import (
    TAG,
    DeniedError,
    FatalError,
    HttpSession,
    Key,
    Mark,
    Receipt,
    TimeSource,
)
from atsbridge_greenhouse.lookups import read
from atsbridge_greenhouse.notes import candidate_of
from atsbridge_greenhouse.values import Row, Scalar, ident

_BELIEVED = timedelta(hours=1)  # then tags and fields are read again: somebody may change them
_Held = TypeVar("_Held")
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


class _NamedList(Generic[_Held]):
    """A list of the account by name: read once in `_BELIEVED`, and again for an unknown name."""

    def __init__(self, time: TimeSource, read_all: Callable[[], dict[str, _Held]]) -> None:
        self._time, self._read_all = time, read_all
        self._held: dict[str, _Held] = {}
        self._until = time.monotonic()

    def find(self, name: str) -> _Held | None:
        """What has that name; None if nothing has."""
        now = self._time.monotonic()
        if now >= self._until or name not in self._held:
            self._held = self._read_all()
            self._until = now + _BELIEVED.total_seconds()
        return self._held.get(name)

    def names(self) -> list[str]:
        """All names, in order."""
        return sorted(self._held)

    def add(self, name: str, one: _Held) -> None:
        """Add what was just made."""
        self._held[name] = one


class FieldWriter:
    """Writes the marks of one account. Existing tags and fields are read once in `_BELIEVED`."""

    def __init__(self, session: HttpSession) -> None:
        self._session = session
        self._tags = _NamedList(session.time, self._read_tags)  # name, folded -> id
        self._fields = _NamedList(session.time, self._read_fields)  # name_key -> definition

    def add_mark(self, record: Key, mark: Mark) -> Receipt:
        """Add the mark if it is absent. A tag belongs to the person: all their jobs show it."""
        if mark.capability == TAG:
            candidate = candidate_of(self._session, record)
            tag = self._tag(mark.value) or self._new_tag(mark.value)
            had = self._applied(candidate, tag) is not None
            if not had:
                body = {"candidate_id": int(candidate), "candidate_tag_id": int(tag)}
                self._session.send("POST", "applied_candidate_tags", json=body)
            return _receipt("candidate", candidate, had=had)
        field, values = self._field(record, mark), self._values(record)
        had = _same(values.get(str(field.name_key)), mark.value)
        if not had:
            value = _as_written(self._session, record, field, mark)
            _set(self._session, record, field, value, values)
        return _receipt("application", record.id, had=had)

    def remove_mark(self, record: Key, mark: Mark) -> Receipt:
        """Remove the mark if it is present. A field with another value by now keeps it."""
        if mark.capability == TAG:
            candidate, tag = candidate_of(self._session, record), self._tag(mark.value)
            row = self._applied(candidate, tag) if tag else None
            if row:
                self._session.send("DELETE", f"applied_candidate_tags/{row}")
            return _receipt("candidate", candidate, had=row is not None)
        field, values = self._field(record, mark), self._values(record)
        had = _same(values.get(str(field.name_key)), mark.value)
        if had:
            _set(self._session, record, field, None, values)
        return _receipt("application", record.id, had=had)

    def find_mark(self, record: Key, mark: Mark) -> Receipt | None:
        """The receipt of the mark if it is present, else None."""
        if mark.capability == TAG:
            candidate, tag = candidate_of(self._session, record), self._tag(mark.value)
            there = tag is not None and self._applied(candidate, tag) is not None
            return _receipt("candidate", candidate, had=False) if there else None
        value = self._values(record).get(_key(mark))
        return _receipt("application", record.id, had=False) if _same(value, mark.value) else None

    # --- tags ---------------------------------------------------------------------------------

    def _tag(self, name: str) -> str | None:
        """The id of a tag; None for an unknown name."""
        return self._tags.find(name.casefold())

    def _read_tags(self) -> dict[str, str]:
        pages = read(self._session, "candidate_tags", _Tag)
        held = ((str(row.name or "").casefold(), ident(row.id)) for page in pages for row in page)
        return {known: id_ for known, id_ in held if id_}

    def _new_tag(self, name: str) -> str:
        try:
            answer = self._session.send("POST", "candidate_tags", json={"name": name})
        except DeniedError as error:
            error.remedy = f"Make the tag {name!r} in Greenhouse, or: {error.remedy}"
            raise
        found = ident(msgspec.json.decode(answer.body, type=_Tag).id)
        if found is None:
            raise FatalError("made a tag and did not say which", where=self._session.name)
        self._tags.add(name.casefold(), found)
        return found

    def _applied(self, candidate: str, tag: str) -> str | None:
        """The id of the row that links tag and candidate."""
        ask = {"candidate_ids": candidate, "candidate_tag_ids": tag}
        rows = read(self._session, "applied_candidate_tags", Row, **ask)
        return next((ident(row.id) for page in rows for row in page), None)

    # --- custom fields of an application ------------------------------------------------------

    def _field(self, record: Key, mark: Mark) -> _Field:
        field = self._fields.find(_key(mark))
        if field is not None:
            return field
        known = ", ".join(self._fields.names()) or "none; make one in Greenhouse"
        raise FatalError(
            f"Greenhouse has no custom field {_key(mark)!r} of applications",
            where=str(record),
            remedy=f"Write one of: {known}",
        )

    def _read_fields(self) -> dict[str, _Field]:
        pages = read(self._session, "custom_fields", _Field, field_type="application")
        return {str(row.name_key): row for page in pages for row in page}

    def _values(self, record: Key) -> dict[str, Any]:
        """The present values of the application's fields. FatalError if it cannot be read."""
        for page in read(self._session, "applications", _Application, ids=record.id):
            for row in page:
                return {name: _value(one) for name, one in (row.custom_fields or {}).items()}
        raise FatalError(
            "the application cannot be seen: nothing was written",
            where=str(record),
            remedy="It may have been deleted; the next sync shows",
        )


def _receipt(kind: str, id_: str, *, had: bool) -> Receipt:
    return Receipt({"on": f"{kind}/{id_}", "had": had})


def _key(mark: Mark) -> str:
    return mark.field.removeprefix("custom.")


def _value(held: Any) -> Any:
    """The value of a field; of a number field as a number, however it was sent."""
    if not isinstance(held, dict):
        return held
    value = held.get("value")
    if held.get("type") == "number" and isinstance(value, str):
        with suppress(ValueError):
            return float(value)
    return value


def _as_written(session: HttpSession, record: Key, field: _Field, mark: Mark) -> Any:
    """The value in the form of its field; for a select field the id of the option."""
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


def _set(
    session: HttpSession, record: Key, field: _Field, value: Any, before: dict[str, Any]
) -> None:
    """PATCH this field alone. FatalError if the answer shows that others were emptied by it.

    Whether a PATCH leaves the other fields as they are is written nowhere: so it is checked.
    """
    key = str(field.name_key)
    body = {"custom_fields": [{"name_key": key, "value": value}]}
    answer = session.send("PATCH", f"applications/{record.id}", json=body)
    try:
        fields = msgspec.json.decode(answer.body, type=_Application).custom_fields
    except msgspec.DecodeError:
        return  # it was written anyway
    after = {name: _value(one) for name, one in (fields or {}).items()}
    lost = [n for n, held in before.items() if n != key and held and not after.get(n)]
    if fields is not None and lost:
        raise FatalError(
            f"writing {key} emptied other fields: {', '.join(sorted(lost))}",
            where=str(record),
            remedy='Take "application_field" out of write of this account, and write them anew',
        )


def _same(held: Any, text: str) -> bool:
    """Whether a field has the value of a mark. Texts of digits are texts: "007" is not "7"."""
    if held is None:
        return False
    if isinstance(held, bool):
        return text.lower() in (("true", "yes") if held else ("false", "no"))
    if isinstance(held, int | float):
        with suppress(ValueError):
            return held == float(text)
    return str(held).casefold() == text.casefold()
