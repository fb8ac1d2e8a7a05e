"""The records of the sandbox company by what they belong to, and their ids."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from atsbridge.sandbox import DEPARTMENTS, SHARED, Company, offices

Row = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMESPACE = uuid.UUID("6f0b5a52-6c5e-4a7e-9d0a-2b8f4c1d7e90")
_BUILT_IN = {
    "New lead": "lead-new",
    "Reached out": "lead-reached-out",
    "Responded": "lead-responded",
    "New applicant": "applicant-new",
    "Offer": "offer",
}


def company_ids(kind: str, number: int) -> str:
    """Ids as Lever has them: UUIDs, but words for built-in stages, departments and places."""
    if kind == "stage" and number <= len(SHARED):
        name = SHARED[number - 1][0]
        if name in _BUILT_IN:
            return _BUILT_IN[name]
    if kind == "department":
        return tuple(DEPARTMENTS)[number - 1]
    if kind == "office":
        return offices()[number - 1].name
    return made_id(f"{kind}:{number}")


def made_id(text: str) -> str:
    """The id of what the company has no record of."""
    return str(uuid.uuid5(_NAMESPACE, text))


def need_of(posting: str) -> str:
    """The id of the requisition behind a posting."""
    return made_id(f"need:{posting}")


def ms(at: datetime | None) -> int | None:
    """An instant as Lever writes it."""
    return None if at is None else (at - _EPOCH) // timedelta(milliseconds=1)


def midnight(day: date | None) -> int | None:
    """A day as Lever writes it: its first instant in UTC."""
    return None if day is None else ms(datetime.combine(day, time(), UTC))


def confidentiality(confidential: bool | None) -> str:
    """Lever's word."""
    return "confidential" if confidential else "non-confidential"


class Truth:
    """Records of one company, found fast. Hold `company.lock` around every call."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self._indexes: dict[tuple[str, str], tuple[int, dict[str, list[Any]]]] = {}

    def of(self, kind: str, ref: str, id_: str) -> list[Any]:
        """Records of a kind whose ref is that id, in order of creation."""
        version = self.company.versions[kind]
        known = self._indexes.get((kind, ref))
        if known is None or known[0] != version:
            index: dict[str, list[Any]] = {}
            for record in self.company.records(kind).values():
                if record.deleted_at is None:
                    index.setdefault(getattr(record, ref), []).append(record)
            known = self._indexes[kind, ref] = (version, index)
        return known[1].get(id_, [])

    def live(self, kind: str) -> Iterable[Any]:
        """Records that are not erased, in order of creation."""
        return (r for r in self.company.records(kind).values() if r.deleted_at is None)

    def one(self, kind: str, id_: str | None) -> Any:
        """The record, or None."""
        found = self.company.records(kind).get(id_ or "")
        return None if found is None or found.deleted_at is not None else found
