"""Messages that were not sent, for the operators: held, in shadow, given up, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from atsbridge.context import AccountContext
from atsbridge.model import Notice, NoticeState, clean
from atsbridge.presentation import describe_notice_reason
from atsbridge.queries import AccountAccess, Viewer, place_cases, sees
from atsbridge.report import PageTime
from atsbridge.server.pages.live_data import LiveData, PageNotFoundError

_NOTICES = 500  # of one account
_TEXT = 200
_STATES = (NoticeState.HELD, NoticeState.DEAD, NoticeState.RETRY, NoticeState.QUEUED)


class NoticeView(NamedTuple):
    """One message that was not sent. `case`: 0 if it belongs to none."""

    rule: str
    to: str
    state: str
    why: str
    since: str
    case: int


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Makes the values of the inbox's template."""

    data: LiveData

    def view(self, viewer: Viewer) -> dict[str, Any]:
        """What the template shows. PageNotFoundError for anybody but operators."""
        if not viewer.ops:
            raise PageNotFoundError
        return {"sections": [self._section(one, viewer) for one in self.data.contexts()]}

    def _section(self, context: AccountContext, viewer: Viewer) -> dict[str, Any]:
        access, time = self.data.access(context, viewer), self.data.time(context)
        found = context.store.outbox.read_notices(context.account, states=_STATES)
        hidden = self._hidden(context, access, found)
        shown = [one for one in found if one.case not in hidden]
        views = [self._view(context, one, time) for one in shown[:_NOTICES]]
        groups: dict[str, list[NoticeView]] = {}
        for one in views:
            groups.setdefault(one.why or one.state, []).append(one)
        return {
            "account": context.account,
            "groups": sorted(groups.items()),
            "more": max(len(shown) - _NOTICES, 0),
            "hidden": len(found) - len(shown),
        }

    def _hidden(
        self, context: AccountContext, access: AccountAccess, found: Sequence[Notice]
    ) -> set[int]:
        """Numbers of the cases that the operator may not see."""
        numbers = {one.case for one in found if one.case}
        cases = [case for one in numbers if (case := context.store.cases.read_case(one))]
        known = [case for case in cases if case.rule in context.rules]
        placed = place_cases(context, known, context.rules.__getitem__)
        seen = {one.case.number for one in placed if sees(access, one)}
        return numbers - seen

    def _view(self, context: AccountContext, one: Notice, time: PageTime) -> NoticeView:
        names, rule = self.data.names(context), context.rules.get(one.rule)
        to = one.destination
        address = names.person(to.person) if to.person else to.address
        if not names.named and to.kind == "person":
            address = "a colleague"
        return NoticeView(
            clean(rule.title, _TEXT) if rule else one.rule or str(one.purpose),
            f"{clean(address, _TEXT)} in {to.sink}",
            str(one.state),
            clean(describe_notice_reason(one), _TEXT),
            time.moment(one.created_at),
            one.case or 0,
        )
