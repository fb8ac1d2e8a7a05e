"""Which columns a table of an export can fill."""

from __future__ import annotations

from functools import cache

from atsbridge.api import KINDS, FieldType

TEAM_ROLES = ("hiring_manager", "recruiter", "coordinator", "sourcer", "approver")
INTERVIEWERS, FEEDBACK = "interviewers", "feedback_at"
"""Columns of an interview that make its seats, and their scorecards."""

_KEPT_OUT = frozenset({"custom"})  # a map inside one cell has no agreed form
_FURTHER = {"requisition": TEAM_ROLES, "interview": (INTERVIEWERS, FEEDBACK)}
_TEXTUAL = frozenset(FieldType) - {FieldType.MAP, FieldType.INTERVAL}


@cache
def mappable_columns(kind: str) -> tuple[str, ...]:
    """The columns of records of that kind, and further ones that make records beside them."""
    fields = KINDS[kind].fields
    own = [
        name
        for name in KINDS[kind].supplied
        if fields[name].type in _TEXTUAL and name not in _KEPT_OUT
    ]
    return (*own, *_FURTHER.get(kind, ()))
