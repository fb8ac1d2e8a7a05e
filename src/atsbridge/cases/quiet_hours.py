"""Quiet hours, messages per day and the digest: when a person may be interrupted.

Pure. The store counts what was sent and applies the result in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from atsbridge.cases.escalation import next_morning
from atsbridge.model import (
    APART,
    ENDS,
    PAIR,
    Destination,
    Hold,
    Notice,
    NoticeState,
    Purpose,
    hold_notice,
)
from atsbridge.ports import Admitted, PendingNotice, Sink, Spent
from atsbridge.worktime import Calendar, next_open

_NEW = (Purpose.SEND, Purpose.FOLLOW_UP)
_UNURGENT = (APART - {Purpose.WEEKLY}) | {Purpose.CLEANUP}
_ALONE = APART | PAIR | {Purpose.SUMMARY, Purpose.CLEANUP, Purpose.OPS}  # no digest can list them
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """The configured limits on interrupting people.

    `calendar` says when the reader at a destination is at work. `edits` and `threads` name the
    sinks whose messages can be changed in place, or answered in a thread. `digest_only`: people
    who chose to get everything in their digest.
    """

    calendar: Callable[[Destination], Calendar]
    quiet: bool = True
    per_day: int = 3
    digest_at: time = time(9, 30)
    edits: frozenset[str] = frozenset()
    threads: frozenset[str] = frozenset()
    digest_only: frozenset[str] = frozenset()

    def with_sinks(self, sinks: Mapping[str, Sink]) -> Attention:
        """Return a copy that knows what these sinks can do."""
        return replace(
            self,
            edits=frozenset(name for name, sink in sinks.items() if sink.spec.edits),
            threads=frozenset(name for name, sink in sinks.items() if sink.spec.threads),
        )

    def admit(
        self, waiting: Sequence[PendingNotice], spent: Spent, now: datetime
    ) -> list[Admitted]:
        """Decide which notices go now, the most urgent first, and hold the others.

        Quiet hours hold a notice until the reader's office opens. Each person gets at most
        `per_day` messages on one of their days, the digest included. The rest waits for the digest,
        or for another morning where it is about no case. What interrupts nobody (a channel, a note,
        a message edited in place) always goes.
        """
        found: list[Admitted] = []
        queues: dict[str, list[PendingNotice]] = {}
        for one in sorted(waiting, key=cost):
            if not self.disturbs(one.notice):
                found.append(Admitted(_release(one.notice)))
            elif (opens := self.find_quiet_end(one.notice.destination, now)) > now:
                found.append(Admitted(hold_notice(one.notice, Hold.QUIET_HOURS, opens)))
            else:
                queues.setdefault(person(one.notice.destination), []).append(one)
        for who, queue in queues.items():
            found += self._ration(who, queue, spent, now)
        return found

    def disturbs(self, notice: Notice) -> bool:
        """Whether it interrupts a person."""
        if notice.destination.kind != "person" or notice.purpose is Purpose.ANSWER:
            return False  # the reader has just written to us
        in_place = notice.destination.sink in self.edits and not notice.sent_anew
        return notice.purpose not in ENDS or not in_place

    def find_quiet_end(self, to: Destination, now: datetime) -> datetime:
        """When the reader may be interrupted: `now`, or when their next working hours begin."""
        return next_open(self.calendar(to), now) if self.quiet else now

    def morning(self, to: Destination, now: datetime) -> datetime:
        """When the reader's next digest is sent; after `now`."""
        return next_morning(now + timedelta(seconds=1), self.calendar(to), self.digest_at)

    def _ration(
        self, who: str, queue: Sequence[PendingNotice], spent: Spent, now: datetime
    ) -> Iterable[Admitted]:
        """Admit one person's queue, most urgent first; keep room for a digest due today."""
        to = queue[0].notice.destination
        calendar = self.calendar(to)
        today, next_digest = _day(now, calendar), self.morning(to, now)
        digests = sum(one.notice.purpose is Purpose.DIGEST for one in queue)
        room = self.per_day - spent.interruptions.get((who, today.isoformat()), 0) - digests
        later = any(at > now and _day(at, calendar) == today for at in spent.digests.get(who, ()))
        wanting = [one for one in queue if self._may_go(one.notice)]
        over = len(wanting) < len(queue) - digests or len(wanting) > room
        if later or (over and _day(next_digest, calendar) == today):
            room -= 1
        if who in self.digest_only:
            wanting = [one for one in wanting if one.notice.purpose in _ALONE]
        going = {one.notice.key for one in wanting[: max(room, 0)]}
        for one in queue:
            if one.notice.key in going or one.notice.purpose is Purpose.DIGEST:
                yield Admitted(_release(one.notice), today.isoformat())
            elif one.notice.purpose in _ALONE:
                yield Admitted(hold_notice(one.notice, Hold.DAILY_LIMIT, next_digest))
            else:
                yield Admitted(hold_notice(one.notice, Hold.DIGEST, next_digest))

    def _may_go(self, notice: Notice) -> bool:
        """Whether it counts against the room: ends only in a thread, a digest never."""
        if notice.purpose in ENDS:
            return notice.destination.sink in self.threads
        return notice.purpose is not Purpose.DIGEST


def person(to: Destination) -> str:
    """The key of a person: one e-mail address, the same in every account."""
    return to.address.lower()


def cost(one: PendingNotice) -> tuple[object, ...]:
    """The sort key of urgency, most urgent first; it gives one fixed order.

    Digests and other notices without a step come first, then what the reader owes, then what is
    due earliest, then what others owe, then questions to a pair and proposals to clean up. Ends of
    cases come last.
    """
    notice = one.notice
    owes = one.owed_by is not None and one.owed_by == notice.destination.person
    return (
        notice.purpose in ENDS,
        notice.purpose in _UNURGENT,
        notice.purpose in _NEW,
        not owes,
        one.due_at or _LAST,
        notice.rule,
        notice.subject,
        notice.key,
    )


def _day(at: datetime, calendar: Calendar) -> date:
    return at.astimezone(ZoneInfo(calendar.zone)).date()


def _release(notice: Notice) -> Notice:
    return replace(notice, state=NoticeState.SENDING, hold=None)
