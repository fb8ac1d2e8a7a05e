"""What people do with cases: acknowledge, snooze, reassign, silence, undo.

Each action reads its case and stores the decision under the account's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta

from atsbridge.cases import Directory, acknowledgement
from atsbridge.context import AccountContext, Calendars, Services
from atsbridge.errors import ConfigError
from atsbridge.model import Case, Silence, clean
from atsbridge.ports import Decision
from atsbridge.presentation import describe
from atsbridge.replies.assignees import Assignee, assignee
from atsbridge.replies.undo import undo
from atsbridge.worktime import Duration, reach

_LONGEST = timedelta(days=366)  # longer silences are forgotten: retire the rule instead
_AT_MOST = "A year is the maximum; to end a rule, retire it in its file"
_LINE = 500  # characters of a comment or a name


class CaseActions:
    """Actions of one person on cases. `actor`: the name in the case's history.

    The case is read and the decision is stored while the account's lock is held, so that no run
    can end the case in between. `keep`: receives decisions instead of the store, for a caller that
    holds the lock.
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
        """Acknowledge: no reminders for `ack_for` in the assignee's calendar. Returns the end."""
        return self._until(
            number, acknowledgement.acknowledge, self._app.settings.notify.ack_for, comment
        )

    def snooze(self, number: int, amount: str, comment: str = "") -> datetime:
        """Snooze: no reminders for a duration such as 3bd or 12h. Returns the end, in UTC."""
        return self._until(number, acknowledgement.snooze, amount, comment)

    def snooze_until(self, number: int, until: datetime, comment: str = "") -> None:
        """Snooze: no reminders until an instant. ConfigError if it is in the past."""
        now = self._app.time.now()
        if until <= now:
            raise ConfigError("that day is in the past")
        _bounded(until, now)
        with self._open_case(number) as case:
            self._keep(
                acknowledgement.snooze(case, now, until, self._actor, _clean_comment(comment))
            )

    def done(self, number: int, comment: str = "") -> None:
        """Mark as done by a person; the next run checks it in the ATS."""
        with self._open_case(number) as case:
            self._keep(
                acknowledgement.done(
                    case, self._app.time.now(), self._actor, _clean_comment(comment)
                )
            )

    def false_alarm(self, number: int, comment: str = "") -> None:
        """Mark as a false alarm, which counts against the rule."""
        with self._open_case(number) as case:
            now = self._app.time.now()
            self._keep(acknowledgement.false_alarm(case, now, self._actor, _clean_comment(comment)))

    def reassign(
        self, number: int, email: str = "", comment: str = "", person: str | None = None
    ) -> Assignee:
        """Reassign to the person with that address, else to the rule's owner.

        It applies to later cases on this subject, too. `person`: the user id of the person who
        hands it on; the default is the person who owes it. ConfigError if that is not possible.
        """
        with self._open_case(number) as case:
            return self._reassign(case, email, comment, person or case.owed_by)

    def _reassign(self, case: Case, email: str, comment: str, person: str | None) -> Assignee:
        number = case.number
        if person is None:
            raise ConfigError(f"nobody owes case {number}, so it cannot be reassigned")
        who, _ = self._people(case)
        rule = self._app.packs.rule_set.rules.get(case.rule)
        if rule is None:
            raise ConfigError(f"the rule {case.rule!r} of case {number} is not configured any more")
        account = case.subject.account
        if email:
            found = assignee(self._app, account, who, email)
            if found.to.person == person:
                raise ConfigError(
                    f"case {number} waits on {found.name} already",
                    remedy=f"To take a reassignment back: `atsbridge cases undo {number}`",
                )
        else:
            found = Assignee(who.owner(rule), "")
        notices = self._app.store.outbox.read_notices(case.subject.account, case=number)
        now = self._app.time.now()
        given = acknowledgement.Reassignment(
            now, self._actor, _clean_comment(comment), person, found.name
        )
        decided = acknowledgement.reassign(case, rule, notices, found.to, given)
        self._app.store.silences.reassign(case.subject, person, found.to.address if email else "")
        self._keep(decided)
        return found

    def undo(self, number: int) -> str:
        """Take back the last action that is still in effect. Returns its description."""
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
            if decided.cases[0] == case:  # a reassignment, which is stored with the subject
                store.silences.undo_reassign(case.subject)
            self._keep(decided)
        return describe(decided.transitions[0][2].reason)

    def unsilence(self, number: int) -> Silence:
        """End a silence now. ConfigError if no silence of that number is active."""
        store, now = self._app.store, self._app.time.now()
        for account in sorted(self._app.settings.accounts):
            with self._lock(account):
                for one in store.silences.read_silences(account, now):
                    if one.number == number:
                        store.silences.end_silence(number, now)
                        return one
        remedy = "List them: `atsbridge cases silences`"
        raise ConfigError(f"there is no active silence {number}", remedy=remedy)

    def silence(self, account: str, rule: str, case: int | None, amount: str, why: str) -> Silence:
        """Silence a rule, or one case's subject, for a duration: nobody is messaged about it.

        ConfigError without a comment, and if the case belongs to another rule.
        """
        if not why.strip():
            raise ConfigError("a silence needs a comment", remedy="Add the reason: --comment TEXT")
        calendars = self._calendars(account)
        now = self._app.time.now()
        with self._lock(account):
            about = self._open(case) if case is not None else None
            if about is not None and rule not in ("", about.rule):
                raise ConfigError(
                    f"case {case} belongs to the rule {about.rule}, not to {rule}",
                    remedy="Name only the rule or only the case",
                )
            made = Silence(
                account=account,
                rule=rule or (about.rule if about else ""),
                subject=about.subject if about else None,
                start=now,
                end=_after(calendars, None, now, amount),
                author=self._actor,
                comment=_clean_comment(why),
            )
            self._app.store.silences.add_silence(made)
        return made

    def _until(
        self,
        number: int,
        handle: Callable[[Case, datetime, datetime, str, str], Decision],
        amount: str,
        comment: str,
    ) -> datetime:
        now, comment = self._app.time.now(), _clean_comment(comment)
        with self._open_case(number) as case:
            _, calendars = self._people(case)
            until = _after(calendars, case.owed_by, now, amount)
            self._keep(handle(case, now, until, self._actor, comment))
        return until

    @contextmanager
    def _open_case(self, number: int) -> Iterator[Case]:
        """Read the open case under its account's lock, which is held until the block ends."""
        account = self._open(number).subject.account
        with self._lock(account):
            yield self._open(number)

    def _open(self, number: int) -> Case:
        case = self._app.store.cases.read_case(number)
        if case is None:
            raise ConfigError(f"there is no case {number}", remedy="See `atsbridge cases`")
        if case.end is not None:
            raise ConfigError(f"case {number} has ended: {describe(case.end_reason)}")
        return case

    def _people(self, case: Case) -> tuple[Directory, Calendars]:
        context = AccountContext(self._app, case.subject.account)
        return context.directory, context.calendars

    def _calendars(self, account: str) -> Calendars:
        return AccountContext(self._app, account).calendars


def _after(calendars: Calendars, user: str | None, now: datetime, amount: str) -> datetime:
    """The instant, in UTC, after a duration in the person's calendar. ConfigError if invalid."""
    try:
        parsed = Duration.parse(amount)
    except ValueError as error:
        raise ConfigError(str(error), remedy="Write for example 2bd, 4bh or 36h") from None
    if parsed.span <= timedelta():
        raise ConfigError(f"{amount} is not longer than 0")
    if parsed.span > _LONGEST:
        raise ConfigError(f"{amount} is too long", remedy=_AT_MOST)
    name = next(iter(calendars.settings.calendars))
    until = reach(calendars.of(user, name), parsed.unit, now, parsed.span)
    _bounded(until, now)
    return until


def _bounded(until: datetime, now: datetime) -> None:
    """ConfigError if the instant is more than a year away."""
    if until - now > _LONGEST:
        raise ConfigError(f"{until:%Y-%m-%d} is too far away", remedy=_AT_MOST)


def _clean_comment(comment: str) -> str:
    """The comment as it is stored: one line of bounded length, without control characters."""
    return clean(comment, _LINE)
