"""The history of a search: when its brief changed and who agreed, and what changed about the role.

Texts of a brief and figures of pay are left out: only which sections changed is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from atsbridge.context import AccountContext
from atsbridge.model import Change, Origin

EVENTS = 12  # of one search; older ones are left out
_FIELDS = ("priority", "headcount", "target_on", "status", "recruiter", "hiring_manager")


class SearchEventKind(StrEnum):
    """What happened."""

    BRIEF_CHANGED = "brief_changed"
    AGREED = "agreed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class SearchEvent:
    """One event. `names`: sections of the brief that changed, or the user who agreed.

    `field`, `old`, `new`: of a changed field of the requisition.
    """

    at: datetime
    kind: SearchEventKind
    names: tuple[str, ...] = ()
    field: str = ""
    old: Any = None
    new: Any = None


def read_search_history(
    context: AccountContext, requisitions: Sequence[str]
) -> Mapping[str, Sequence[SearchEvent]]:
    """Requisition -> its last events, oldest first; those without any are left out."""
    history, account = context.store.history, context.account
    briefs = history.read_many_changes(account, "brief", requisitions, ("sections", "agreed"))
    roles = history.read_many_changes(account, "requisition", requisitions, _FIELDS)
    found: dict[str, Sequence[SearchEvent]] = {}
    for one in requisitions:
        events = [event for change in briefs.get(one, ()) for event in _of_brief(change)]
        events += [_of_role(change) for change in roles.get(one, ()) if _is_real(change)]
        if events:
            found[one] = sorted(events, key=lambda event: event.at)[-EVENTS:]
    return found


def _is_real(change: Change) -> bool:
    """Whether the ATS or a person changed it, rather than the account's map."""
    return change.origin is not Origin.MAPPING


def _of_brief(change: Change) -> Iterator[SearchEvent]:
    at = change.occurred_at or change.observed_at
    old = change.old if isinstance(change.old, Mapping) else {}
    new = change.new if isinstance(change.new, Mapping) else {}
    if change.field == "agreed":
        for user in sorted(new.keys() - old.keys()):
            yield SearchEvent(_instant(new[user]) or at, SearchEventKind.AGREED, (str(user),))
        return
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    if names:
        yield SearchEvent(at, SearchEventKind.BRIEF_CHANGED, tuple(map(str, names)))


def _of_role(change: Change) -> SearchEvent:
    at = change.occurred_at or change.observed_at
    kind = SearchEventKind.CHANGED
    return SearchEvent(at, kind, field=change.field, old=change.old, new=change.new)


def _instant(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
