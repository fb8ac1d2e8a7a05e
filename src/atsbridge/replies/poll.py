"""What people answered under our messages, heard once a tick and brought to their cases.

Reading it is a sink's, what words mean `cases.saying`'s, what follows `answers`'.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from atsbridge.cases import Directory, made_of
from atsbridge.context import AccountSummary, RunFailure, RunState, Services, code_of
from atsbridge.delivery import Guarded
from atsbridge.errors import AtsbridgeError, ConfigError, StoreError
from atsbridge.model import Notice, NoticeText, Purpose, Receipt, clean
from atsbridge.ports import Decision, DeliveredMessage, Reply
from atsbridge.presentation import Reader, message_data, secret
from atsbridge.replies.apply import ReplyActions
from atsbridge.replies.parse import Said, Saying, morning, reacted, replied

RECENT = timedelta(days=14)  # older messages are not looked at any more
MOST = 40  # conversations asked for in one tick, those that waited longest first
_ASKED = (Purpose.SEND, Purpose.FOLLOW_UP)
_HELP = (
    "Sorry, I understand only a few words here: seen · snooze 2d · until friday · not me ·"
    " false alarm · done. Nothing has changed."
)


@dataclass(slots=True)
class Listening:
    """One account's answers in one tick; its lock is held, its cases were just judged."""

    app: Services
    done: AccountSummary
    directory: Directory

    def hear(self) -> None:
        """Apply each new answer once: the case, the word back and what was heard in one go.

        Asked are sinks that can tell, for messages on open cases of the last two weeks. A fault
        of a sink is in the report, and what it had told by then is kept. StoreError is raised.
        """
        if self.app.settings.notify.redirect_to:
            return  # whom a message was for does not see it, and nobody else answers for them
        sinks = self.app.sinks(self.done.account)
        by_sink: dict[str, list[Notice]] = {}
        for notice in self._answerable() if any(one.spec.replies for one in sinks.values()) else ():
            by_sink.setdefault(notice.destination.sink, []).append(notice)
        for name, notices in sorted(by_sink.items()):
            if name not in sinks or not sinks[name].spec.replies:
                continue
            asked = self._whose_turn(notices)
            place = f"{self.done.account}/answers/{name}"
            known = {one.key: one for one in asked}
            try:
                for answer in Guarded(name, sinks[name]).fetch_replies(
                    [_sent(one) for one in asked]
                ):
                    known[answer.key] = self._hear(known[answer.key], answer)
            except StoreError:
                raise
            except AtsbridgeError as error:
                where = f"{self.done.account}/{error.where or name}"
                failed = RunFailure(where, error.what, error.remedy, place, code_of(error))
                self.done.failures.append(failed)
            else:
                self.done.worked.add(place)

    def _answerable(self) -> Iterator[Notice]:
        """Messages on open cases that somebody may have answered lately, oldest first.

        Of those on one case in one place the first and the newest.
        """
        rules, since = self.app.packs.rule_set.rules, self.app.time.now() - RECENT
        for told in self.app.store.outbox.read_open_notices(self.done.account, since).values():
            rule = rules.get(told[0].rule)
            if rule is None or rule.news:
                continue
            ends: dict[tuple[str, str, str], list[Notice]] = {}
            for one in told:
                if one.purpose in _ASKED and not one.digest:
                    its = ends.setdefault(one.destination.place, [])
                    its[1:] = [one]  # the newest, beside the first
            for its in ends.values():
                yield from its

    def _whose_turn(self, notices: Sequence[Notice]) -> list[Notice]:
        """The messages of MOST conversations: those not asked for, or not for longest."""
        account, now = self.done.account, self.app.time.now()
        run_state, sink = RunState(self.app.store.run_state, account), notices[0].destination.sink
        before = run_state.read_polls(sink)
        places: dict[str, list[Notice]] = {}
        for one in notices:
            places.setdefault("/".join(one.destination.place), []).append(one)
        turn = sorted(places, key=lambda place: (before.get(place, ""), place))[:MOST]
        if len(places) > MOST or before:
            kept = {place: at for place, at in before.items() if place in places}
            kept |= dict.fromkeys(turn, now.isoformat())
            kept = kept if len(places) > MOST else {}
            if kept != before:
                run_state.write_polls(sink, kept)
        return [one for place in turn for one in places[place]]

    def _hear(self, notice: Notice, answer: Reply) -> Notice:
        """The notice with what was heard under it by now."""
        if answer.mark in notice.replies:
            return notice
        if not self._may(notice, answer):
            return self._keep(notice, answer) if answer.text or not answer.email else notice
        zone = self._reader(notice).zone
        today = self.app.time.now().astimezone(ZoneInfo(zone)).date()
        said = reacted(answer.emoji) if answer.emoji else replied(answer.text, today)
        if said is None and answer.emoji:
            return notice  # nobody agreed on it: it stays what it is, an emoji
        if said is None:
            if notice.help_sent or notice.destination.kind != "person":
                return self._keep(notice, answer)  # people talk to each other in a channel
            return self._keep(notice, answer, _HELP, help_sent=True)
        found: list[Decision] = []
        actor = f"{clean(answer.name)} in {notice.destination.sink}"
        says = ReplyActions(self.app, actor, found.append)
        try:
            reply = self._apply(says, notice, said, clean(answer.name.split(" ")[0]))
        except ConfigError as error:
            reply = f"Sorry, that did not work: {error.what}."
        return self._keep(notice, answer, reply, decision=found[-1] if found else None)

    def _may(self, notice: Notice, answer: Reply) -> bool:
        """The person addressed; in a channel whoever can write there."""
        to = notice.destination
        return bool(answer.email) and (to.kind == "channel" or to.address.lower() == answer.email)

    def _apply(self, says: ReplyActions, notice: Notice, said: Said, name: str) -> str:
        """Do it, and the word back."""
        number = notice.case
        if said.saying is Saying.SEEN:
            until = self._reader(notice).moment(says.acknowledge(number))
            return f"Thank you, {name}. I'll be quiet about this until {until}."
        if said.saying is Saying.LATER:
            at = self._snoozed(says, notice, said)
            when = self._reader(notice).moment(at)
            return f"All right, {name}. I'll ask again on {when} if it is open."
        if said.saying is Saying.WRONG:
            says.false_alarm(number)
            return f"Thank you, {name}. I'll be quiet about this, and note that I was wrong here."
        if said.saying is Saying.DONE:
            says.done(number)
            return f"Thank you, {name}! You hear from me only if it still shows as open."
        if notice.destination.kind != "person":
            return f"Thank you, {name}. Whose is it? `atsbridge cases reassign {number} --to …`"
        if said.email and self.directory.by_email(said.email) is None:
            return f"Sorry, {name}, I know nobody by that address. Nothing has changed."
        to = says.reassign(number, said.email, person=notice.destination.person)
        whose = "somebody else" if self._unnamed(notice) else to.why
        return f"Thank you, {name}. It goes to {whose} now, and I'll remember that."

    def _unnamed(self, notice: Notice) -> bool:
        """Whether nobody who works on it may be named where the answer goes."""
        rule = self.app.packs.rule_set.rules.get(notice.rule)
        return secret(
            notice.destination,
            message_data.read(self.app.store.subjects, rule, notice.subject).facts,
        )

    def _snoozed(self, says: ReplyActions, notice: Notice, said: Said) -> datetime:
        if said.until is None:
            return says.snooze(notice.case, said.amount)
        at = morning(said.until, self.app.settings.notify.digest_at, self._reader(notice).zone)
        says.snooze_until(notice.case, at)
        return at

    def _keep(
        self,
        notice: Notice,
        answer: Reply,
        reply: str = "",
        *,
        help_sent: bool = False,
        decision: Decision | None = None,
    ) -> Notice:
        """What was heard, what follows and the word back, in one transaction."""
        now = self.app.time.now()
        answered = replace(
            notice,
            replies=(*notice.replies, answer.mark),
            help_sent=notice.help_sent or help_sent,
        )
        made = decision or Decision(account=self.done.account, at=now)
        back = [_word(notice, answer.mark, reply, now)] if reply else []
        self.app.store.cases.save_decision(
            replace(made, notices=(*made.notices, *back), answered=(answered,))
        )
        return answered

    def _reader(self, notice: Notice) -> Reader:
        return Reader(self.directory, notice.destination, self.app.time.now())


def _sent(notice: Notice) -> DeliveredMessage:
    replies = [mark for mark in notice.replies if " " not in mark]
    at = notice.sent_at
    assert at is not None
    newest = max(replies, default="")
    return DeliveredMessage(notice.key, notice.destination, Receipt(notice.receipt), at, newest)


def _word(notice: Notice, mark: str, body: str, now: datetime) -> Notice:
    """A word back in the thread; the same key whenever it is decided again."""
    return Notice(
        key=made_of(notice.key, mark, Purpose.ANSWER),
        account=notice.account,
        case=notice.case,
        rule=notice.rule,
        subject=notice.subject,
        destination=notice.destination,
        purpose=Purpose.ANSWER,
        created_at=now,
        text=NoticeText("", body),
    )
