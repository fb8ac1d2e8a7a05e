"""One case: its clock as a picture, and the whole explanation as text."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from atsbridge.errors import ConfigError
from atsbridge.model import clean, printable
from atsbridge.queries import Viewer, explain_case, explain_lines, place_cases, sees
from atsbridge.report import CaseViews
from atsbridge.rules import RuleStatus
from atsbridge.server.pages.live_data import LiveData, PageNotFoundError

_NUMBERS = 2**31  # the largest number that is looked up
_TEXT = 500
_LINES = 2000  # of an explanation; a clock of years has some hundred


@dataclass(frozen=True, slots=True)
class CasePage:
    """Makes the values of the case's template."""

    data: LiveData

    def view(self, viewer: Viewer, number: int) -> dict[str, Any]:
        """What the template shows. PageNotFoundError if there is no such case for the viewer.

        Cases of rules that are not live are for the operators: nobody else is notified.
        """
        case = self.data.services.store.cases.read_case(number) if number < _NUMBERS else None
        if case is None:
            raise PageNotFoundError
        context = self.data.context(case.subject.account)
        access = self.data.access(context, viewer)
        rule = context.rules.get(case.rule)
        if rule is None or (rule.status is not RuleStatus.LIVE and not viewer.ops):
            raise PageNotFoundError
        (placed,) = place_cases(context, [case], context.rules.__getitem__)
        if not sees(access, placed):
            raise PageNotFoundError
        try:
            explained = explain_case(self.data.services, number)
        except ConfigError:  # the subject is not stored any more
            raise PageNotFoundError from None
        names, time = self.data.names(context), self.data.reader_time(context, access)
        history = context.store.cases.read_transitions(number)
        views = CaseViews(names, time, {number: explained}, {number: history})
        lines = explain_lines(explained, named=names.named)
        own = placed.requisition is not None and access.sees_requisition(
            placed.requisition, confidential=placed.confidential
        )
        return {
            "account": case.subject.account,
            "case": views.case(placed),
            "ended": time.moment(case.ended_at) if case.end is not None else "",
            "about": placed.describe(named=names.named),
            "purpose": clean(rule.why, _TEXT),
            "role_id": placed.requisition if own else "",
            "lines": [printable(one) for one in islice(lines, _LINES)],
            "zone": time.zone,
        }
