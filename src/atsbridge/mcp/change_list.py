"""The changes of a requisition and its brief, as far as a reader may know them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from atsbridge.context import AccountContext
from atsbridge.model import KINDS, Change, Key, clean
from atsbridge.report import ReaderNames

CHANGES = 100  # of one answer, the latest
_TEXT = 300  # characters of a value


def list_changes(
    context: AccountContext, requisition: Key, since: datetime, names: ReaderNames
) -> dict[str, Any]:
    """The changes since then, oldest first; `withheld`: how many the reader may not know."""
    brief = Key(requisition.account, "brief", requisition.id)
    shown: list[tuple[datetime, dict[str, Any]]] = []
    withheld = 0
    for key in (requisition, brief):
        for change in _since(context, key, since):
            field = KINDS[key.kind].fields.get(change.field)
            if field is None or not names.clearance.allows(field.sensitivity):
                withheld += 1
                continue
            shown.append((_at(change), _describe(change, key.kind, field.ref, names)))
    shown.sort(key=lambda one: one[0])
    return {
        "changes": [one for _, one in shown[-CHANGES:]],
        "more": max(len(shown) - CHANGES, 0),
        "withheld": withheld,
    }


def _since(context: AccountContext, key: Key, since: datetime) -> Iterator[Change]:
    return (one for one in context.store.history.read_changes(key) if _at(one) >= since)


def _at(change: Change) -> datetime:
    """When it happened; when it was seen where the ATS does not say."""
    return change.occurred_at or change.observed_at


def _describe(change: Change, kind: str, ref: str, names: ReaderNames) -> dict[str, Any]:
    return {
        "at": _at(change).isoformat(),
        "what": f"{kind}.{change.field}",
        "from": _value(change.old, ref, names),
        "to": _value(change.new, ref, names),
        "announced": change.origin == "announced",
    }


def _value(value: object, ref: str, names: ReaderNames) -> str | None:
    if value is None:
        return None
    if ref == "user":
        return names.person(str(value))
    return clean(str(value), _TEXT)
