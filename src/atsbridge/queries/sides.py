"""Which side of the partnership has to act on a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from atsbridge.presentation import described

if TYPE_CHECKING:
    from atsbridge.model import Case
    from atsbridge.ports import SubjectStore

_MANAGER, _RECRUITER = "requisition.hiring_manager", "requisition.recruiter"


class Side(StrEnum):
    """Who has to act. Interviewers are asked by both sides, so they are counted apart."""

    MANAGER = "hiring manager"
    RECRUITER = "recruiter"
    INTERVIEWER = "interviewer"
    OTHER = "other"


def find_sides(subjects: SubjectStore, account: str, cases: Iterable[Case]) -> Mapping[int, Side]:
    """Case number -> side. The role on the case's own requisition decides.

    A person who is recruiter and hiring manager of one requisition counts as its hiring manager.
    """
    cases = list(cases)
    keys = {(case.subject.kind, case.subject.id) for case in cases}
    known = described(subjects, account, keys, (_MANAGER, _RECRUITER))
    found = {}
    for case in cases:
        row = known.get((case.subject.kind, case.subject.id))
        found[case.number] = _side_of(case, row.facts if row else {})
    return found


def _side_of(case: Case, facts: Mapping[str, Any]) -> Side:
    person = case.owed_by
    if person is None:
        return Side.OTHER
    if person == facts.get(_MANAGER):
        return Side.MANAGER
    if person == facts.get(_RECRUITER):
        return Side.RECRUITER
    return Side.INTERVIEWER if case.subject.kind == "seat" else Side.OTHER
