"""Open cases of live rules that a viewer may see, with what they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from atsbridge.context import AccountContext, find_places
from atsbridge.model import All, Case, Found, Query, clean
from atsbridge.presentation import about, described
from atsbridge.queries.reader_access import AccountAccess
from atsbridge.queries.requisition_overview import OpenCase
from atsbridge.rules import PERSON, Rule, RuleStatus

_ROLE = ("requisition.title", "requisition.code", "requisition.confidential")
_TEXT = 200  # characters of a text of the ATS


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleCase(OpenCase):
    """An open case with its place. `subject`: the stored facts; None if they are not stored."""

    subject: Found | None = None
    title: str = ""  # of the requisition
    code: str = ""
    confidential: bool = False

    @property
    def urgency(self) -> tuple[bool, bool, bool, float, int]:
        """A sort key: late ones first, then what is due next; findings and unknown ones last."""
        due = self.case.due_at
        at = due.timestamp() if due else 1e12
        return self.unknown, self.finding, not self.late, at, self.case.number

    def describe(self, *, named: bool) -> str:
        """What it is about; without the candidate's initials where names are withheld."""
        if self.subject is None:
            return self.case.subject.id if named else ""
        return about(self.subject) if named else self.title


def read_visible_cases(
    context: AccountContext, access: AccountAccess, *, owed_by: str | None = None
) -> Sequence[VisibleCase]:
    """Open cases of live rules that the viewer may see, the most urgent first; no backlog.

    `owed_by`: only those that this user has to act on.
    """
    rules = {name: r for name, r in context.rules.items() if r.status is RuleStatus.LIVE}
    cases = [
        case
        for case in context.store.cases.read_open_cases(context.account)
        if case.rule in rules and not case.in_backlog
        if owed_by is None or case.owed_by == owed_by
    ]
    found = [one for one in place_cases(context, cases, rules.__getitem__) if sees(access, one)]
    return sorted(found, key=lambda one: one.urgency)


def place_cases(
    context: AccountContext, cases: Sequence[Case], rule_of: Callable[[str], Rule]
) -> list[VisibleCase]:
    """The cases with their rules, requisitions and facts. `rule_of`: rule id -> rule."""
    store, account = context.store, context.account
    places = find_places(store.subjects, account, (one.subject for one in cases))
    known = described(
        store.subjects, account, ((one.subject.kind, one.subject.id) for one in cases)
    )
    ids = {place.requisition for place in places.values() if place.requisition}
    roles = _read_roles(context, ids)
    found = []
    for case in cases:
        place = places.get(case.subject)
        requisition = place.requisition if place else None
        title, code, confidential = roles.get(requisition or "", ("", "", False))
        found.append(
            VisibleCase(
                case=case,
                rule=rule_of(case.rule),
                requisition=requisition,
                subject=known.get((case.subject.kind, case.subject.id)),
                title=title,
                code=code,
                confidential=confidential,
            )
        )
    return found


def sees(access: AccountAccess, one: VisibleCase) -> bool:
    """Whether the viewer may see the case."""
    personal = one.rule.personal or one.case.subject.kind == PERSON
    return access.sees_case(
        one.case.owed_by, one.requisition, personal=personal, confidential=one.confidential
    )


def _read_roles(context: AccountContext, ids: Iterable[str]) -> dict[str, tuple[str, str, bool]]:
    """Requisition -> title, code, whether it is confidential; deleted ones included."""
    query = Query("requisition", All(), _ROLE)
    wanted = sorted(ids)
    if not wanted:
        return {}
    rows = context.store.subjects.select(context.account, query, ids=wanted, filtered=False)
    return {
        one.id: (
            clean(str(one.facts.get(_ROLE[0]) or one.id), _TEXT),
            clean(str(one.facts.get(_ROLE[1]) or ""), _TEXT),
            bool(one.facts.get(_ROLE[2])),
        )
        for one in rows
    }
