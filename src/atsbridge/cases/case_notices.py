"""The notices of one case: of its steps, of a hand-over and of its end. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, time

from atsbridge.cases.end_recipients import (
    MAY_HAVE_ARRIVED,
    had_own_message,
    needs_no_end,
    was_asked_to_act,
)
from atsbridge.cases.escalation import next_morning, route_steps
from atsbridge.cases.idempotency import find_period, make_key
from atsbridge.cases.lifecycle import Moved
from atsbridge.cases.recipients import Directory
from atsbridge.errors import require
from atsbridge.model import (
    Case,
    Destination,
    DropCode,
    Hold,
    Notice,
    NoticeState,
    Purpose,
    RecipientCode,
    Verdict,
    drop_notice,
    hold_notice,
)
from atsbridge.rules import Rule
from atsbridge.worktime import Calendar

_WAITING = (NoticeState.QUEUED, NoticeState.HELD)  # has reached nobody


@dataclass(frozen=True, slots=True)
class NoticeMaker:
    """Makes notices at `now`. `read_notices`: those of a case so far, by its number.

    `calendars`: (user id or None, calendar's name) -> the working calendar. `digest_at`: when
    digests are sent, in the reader's local time.
    """

    now: datetime
    rules: Mapping[str, Rule]
    directory: Directory
    read_notices: Callable[[int], Sequence[Notice]]
    calendars: Callable[[str | None, str], Calendar]
    digest_at: time

    def make_steps(self, moved: Moved, verdict: Verdict, rule: Rule) -> Iterator[Notice]:
        """The notices of the reached steps, in place of what waits for the same readers."""
        case, steps = require(moved.case, "the case of a step"), moved.steps
        earlier = self.read_notices(case.number) if case.number else ()
        sent_to = {n.destination.place for n in earlier if n.state in MAY_HAVE_ARRIVED}
        for due in route_steps(steps, rule, verdict, self.directory):
            purpose = Purpose.FOLLOW_UP if due.to.place in sent_to else Purpose.SEND
            if due.drop:
                notice = self._make(case, due.to, Purpose.SEND, due.step, moved.reminded)
                yield drop_notice(notice, due.drop.code, **due.drop.as_dict())
                continue
            yield from self._drop_superseded(earlier, due.to)
            notice = self._make(case, due.to, purpose, due.step, moved.reminded)
            if rule.status == "shadow":
                notice = hold_notice(notice, Hold.SHADOW)
            elif due.morning:
                notice = self._hold_for_digest(notice, rule)
            elif (back := self._find_return(due.to)) is not None:
                notice = hold_notice(notice, Hold.AWAY, back)
            yield notice

    def _find_return(self, to: Destination) -> datetime | None:
        """When the first who is back works again; None for every other reader."""
        waits = any(one.code is RecipientCode.FIRST_BACK for one in to.why)
        return self.directory.returns.get(to.person or "") if waits else None

    def _drop_superseded(self, earlier: Sequence[Notice], to: Destination) -> Iterator[Notice]:
        """Of one case a reader gets only the latest step: what waits for them is dropped."""
        for one in earlier:
            if one.state in _WAITING and one.destination.place == to.place:
                yield drop_notice(one, DropCode.LATER_STEP)

    def make_hand_over(
        self, case: Case, now: str | None, rule: Rule, again: Set[tuple[str, str, str]]
    ) -> Iterator[Notice]:
        """Drop notices that wait for the former assignee, and notify the assignee if they had a
        message.

        The same applies to stand-ins of the former assignee, unless they are notified `again` as
        stand-ins of somebody else. Other recipients owe nothing: they are notified when the case
        ends.
        """
        notices = self.read_notices(case.number) if case.owed_by else ()
        last = {
            one.destination.place: one.purpose for one in notices if one.state in MAY_HAVE_ARRIVED
        }
        seen = {place for place, purpose in last.items() if purpose is Purpose.HANDED_OVER}
        seen |= again
        for one in notices:
            to = one.destination
            if to.kind != "person" or not was_asked_to_act(one, case.owed_by, now, rule):
                continue
            if one.state in _WAITING:
                yield drop_notice(one, DropCode.HANDED_OVER)
            elif one.state in MAY_HAVE_ARRIVED and to.place not in seen and not rule.news:
                seen.add(to.place)
                yield self._make_end(notices, to, Purpose.HANDED_OVER, case)

    def make_resolutions(self, case: Case) -> Iterator[Notice]:
        """Drop what waits, and send a resolution to everyone who was notified and still waits.

        A note in the ATS is not answered: it cannot be taken back. A tag there is taken off. News
        has no end.
        """
        rule = self.rules.get(case.rule)
        news = rule is not None and rule.news
        notices = self.read_notices(case.number)
        last = {
            one.destination.place: one.purpose for one in notices if one.state in MAY_HAVE_ARRIVED
        }
        seen = {place for place, purpose in last.items() if purpose is Purpose.HANDED_OVER}
        for notice in notices:
            where = notice.destination.place
            if notice.state in _WAITING:
                yield drop_notice(notice, DropCode.CASE_ENDED)
            elif needs_no_end(notice.destination, news):
                continue
            elif notice.state in MAY_HAVE_ARRIVED and where not in seen:
                seen.add(where)
                yield self._make_end(notices, notice.destination, Purpose.RESOLVE, case)

    def _make_end(
        self, notices: Sequence[Notice], to: Destination, purpose: Purpose, case: Case
    ) -> Notice:
        """The end for a reader who got a message; for one of digests only, a line of the next."""
        again = self.now if purpose is Purpose.HANDED_OVER else None
        notice = self._make(case, to, purpose, again=again)
        if to.kind == "ats" or had_own_message(notices, to):
            return notice
        return self._hold_for_digest(notice, self.rules.get(case.rule))

    def _hold_for_digest(self, notice: Notice, rule: Rule | None) -> Notice:
        """The notice, held for the reader's next digest."""
        calendar = self.calendars(notice.destination.person, rule.calendar if rule else "office")
        return hold_notice(notice, Hold.DIGEST, next_morning(self.now, calendar, self.digest_at))

    def _make(
        self,
        case: Case,
        to: Destination,
        purpose: Purpose,
        step: int = -1,
        again: datetime | None = None,
    ) -> Notice:
        period = find_period(case, self.rules.get(case.rule))
        return Notice(
            key=make_key(period, step, to, purpose, again),
            account=case.subject.account,
            case=case.number,
            rule=case.rule,
            subject=case.subject,
            destination=to,
            purpose=purpose,
            step=step,
            created_at=self.now,
        )
