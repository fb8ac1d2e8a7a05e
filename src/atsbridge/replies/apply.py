"""What people say of cases, brought into the store under the account's lock.

What it does to a case is `cases.handling`'s; where it was said is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta

from atsbridge.cases import Directory, acknowledgement
from atsbridge.context import AccountContext, Calendars, Services
from atsbridge.errors import ConfigError
from atsbridge.model import Case, Destination, Silence, clean
from atsbridge.ports import Decision
from atsbridge.presentation import describe
from atsbridge.replies.assignees import assignee
from atsbridge.replies.undo import undo
from atsbridge.worktime import Amount, reach

_LONGEST = timedelta(days=366)  # what is silent for longer is forgotten: retire the rule instead
_AT_MOST = "A year is the most; a rule that nobody wants is retired in its file"
_LINE = 500  # letters of a comment or a name


class ReplyActions:
    """Who says what: `actor` is written into the history of the case.

    Each answer reads its case and stores the decision under one hold of the account's lock, so
    that a run in between cannot end the case unseen. `keep`: what to do with a decision instead
    of storing it, for a caller that holds the lock itself.
    """

    def __init__(
        self, app: Services, actor: str, keep: Callable[[Decision], None] | None = None
    ) -> None:
        self._app = app
        self._actor = clean(actor, _LINE)
        self._lock: Callable[[str], AbstractContextManager[None]]
        self._lock = app.store.lock if keep is None else lambda _account: nullcontext()
        self._keep = keep or app.store.cases.save_decision

    def acknowledge(self, number: int, comment: str = "") -> datetime:
        """Seen: silent for `ack_for` in the calendar of whoever owes it; until when."""
        return self._until(
            number, acknowledgement.acknowledge, self._app.settings.notify.ack_for, comment
        )

    def snooze(self, number: int, amount: str, comment: str = "") -> datetime:
        """Later: silent for an amount of time such as 3bd or 12h; until when."""
        return self._until(number, acknowledgement.snooze, amount, comment)

    def snooze_until(self, number: int, until: datetime, comment: str = "") -> None:
        """Later: silent until an instant."""
        now = self._app.time.now()
        if until <= now:
            raise ConfigError("that day is over already")
        _bounded(until, now)
        with self._open_case(number) as case:
            self._keep(acknowledgement.snooze(case, now, until, self._actor, _said(comment)))

    def done(self, number: int, comment: str = "") -> None:
        """Said to be done; the next tick looks."""
        with self._open_case(number) as case:
            self._keep(
                acknowledgement.done(case, self._app.time.now(), self._actor, _said(comment))
            )

    def false_alarm(self, number: int, comment: str = "") -> None:
        """Wrong; it counts against the rule."""
        with self._open_case(number) as case:
            now = self._app.time.now()
            self._keep(acknowledgement.false_alarm(case, now, self._actor, _said(comment)))

    def reassign(
        self, number: int, email: str = "", comment: str = "", person: str | None = None
    ) -> Destination:
        """Another's: `email`'s, else the rule's owner's. It is remembered for this subject.

        `person`: the user id of who steps aside; else whoever owes it.
        """
        with self._open_case(number) as case:
            return self._reassign(case, email, comment, person or case.owed_by)

    def _reassign(self, case: Case, email: str, comment: str, person: str | None) -> Destination:
        number = case.number
        if person is None:
            raise ConfigError(f"case {number} waits on nobody in particular")
        who, _ = self._people(case)
        rule = self._app.packs.rule_set.rules.get(case.rule)
        if rule is None:
            raise ConfigError(f"the rule of case {number} is gone")
        account = case.subject.account
        if email:
            to = assignee(self._app, account, who, email)
            if to.person == person:
                raise ConfigError(
                    f"case {number} waits on {to.why} already",
                    remedy=f"`atsbridge cases undo {number}` takes a reassignment back",
                )
        else:
            to = replace(who.owner(rule), why="the rule's owner")
        told = self._app.store.outbox.read_notices(case.subject.account, case=number)
        now = self._app.time.now()
        decided = acknowledgement.reassign(
            case, rule, told, to, now, self._actor, _said(comment), person
        )
        self._app.store.silences.reassign(case.subject, person, to.address if email else "")
        self._keep(decided)
        return to

    def undo(self, number: int) -> str:
        """Take back the last thing that was said of the case and still holds; what it was."""
        store = self._app.store
        with self._open_case(number) as case:
            account = case.subject.account
            reassigned = any(
                subject == case.subject for subject, _ in store.silences.read_reassigned(account)
            )
            decided = undo(
                case,
                store.cases.read_transitions(number),
                store.outbox.read_notices(account, case=number),
                reassigned,
                self._app.time.now(),
                self._actor,
            )
            if decided.cases[0] == case:  # nothing of the case itself: it goes back
                store.silences.undo_reassign(case.subject)
            self._keep(decided)
        return describe(decided.transitions[0][2].reason)

    def unsilence(self, number: int) -> Silence:
        """End a silence now. ConfigError where none of that number holds."""
        store, now = self._app.store, self._app.time.now()
        for account in sorted(self._app.settings.accounts):
            with self._lock(account):
                for one in store.silences.read_silences(account, now):
                    if one.number == number:
                        store.silences.end_silence(number, now)
                        return one
        raise ConfigError(f"no silence {number} holds now", remedy="See `atsbridge cases silences`")

    def silence(self, account: str, rule: str, case: int | None, amount: str, why: str) -> Silence:
        """Nobody hears of a rule, or of a case's subject, for an amount of time.

        ConfigError without a comment, and where the case is of another rule.
        """
        if not why.strip():
            raise ConfigError(
                "a silence needs a comment", remedy="Say why: everybody who wonders will read it"
            )
        calendars = self._calendars(account)
        now = self._app.time.now()
        with self._lock(account):
            about = self._open(case) if case is not None else None
            if about is not None and rule not in ("", about.rule):
                raise ConfigError(
                    f"case {case} is of the rule {about.rule}, not of {rule}",
                    remedy="Name the rule or the case",
                )
            made = Silence(
                account=account,
                rule=rule or (about.rule if about else ""),
                subject=about.subject if about else None,
                start=now,
                end=_after(calendars, None, now, amount),
                author=self._actor,
                comment=_said(why),
            )
            self._app.store.silences.add_silence(made)
        return made

    def _until(
        self,
        number: int,
        say: Callable[[Case, datetime, datetime, str, str], Decision],
        amount: str,
        comment: str,
    ) -> datetime:
        now, comment = self._app.time.now(), _said(comment)
        with self._open_case(number) as case:
            _, calendars = self._people(case)
            until = _after(calendars, case.owed_by, now, amount)
            self._keep(say(case, now, until, self._actor, comment))
        return until

    @contextmanager
    def _open_case(self, number: int) -> Iterator[Case]:
        """The open case, read under its account's lock, which is held until the block ends."""
        account = self._open(number).subject.account
        with self._lock(account):
            yield self._open(number)

    def _open(self, number: int) -> Case:
        case = self._app.store.cases.read_case(number)
        if case is None:
            raise ConfigError(f"there is no case {number}", remedy="See `atsbridge cases`")
        if case.end is not None:
            raise ConfigError(f"case {number} has ended already: {describe(case.end_reason)}")
        return case

    def _people(self, case: Case) -> tuple[Directory, Calendars]:
        context = AccountContext(self._app, case.subject.account)
        return context.directory, context.calendars

    def _calendars(self, account: str) -> Calendars:
        return AccountContext(self._app, account).calendars


def _after(calendars: Calendars, user: str | None, now: datetime, amount: str) -> datetime:
    """When that much time has passed for this person. ConfigError for what is no amount."""
    try:
        parsed = Amount.parse(amount)
    except ValueError as error:
        raise ConfigError(str(error), remedy="Write for example 2bd, 4bh or 36h") from None
    if parsed.span <= timedelta():
        raise ConfigError(f"{amount} is no time at all")
    if parsed.span > _LONGEST:
        raise ConfigError(f"{amount} is too long", remedy=_AT_MOST)
    name = next(iter(calendars.settings.calendars))
    until = reach(calendars.of(user, name), parsed.unit, now, parsed.span)
    _bounded(until, now)
    return until


def _bounded(until: datetime, now: datetime) -> None:
    """ConfigError for what would be silent so long that nobody remembers why."""
    if until - now > _LONGEST:
        raise ConfigError(f"{until:%Y-%m-%d} is too far away", remedy=_AT_MOST)


def _said(comment: str) -> str:
    """A comment as it is kept: one clean line of bounded length."""
    return clean(comment, _LINE)
