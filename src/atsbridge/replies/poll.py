"""Fetch replies to messages once in a run, and apply them to their cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from atsbridge.cases import Directory, hash_parts
from atsbridge.context import (
    AccountSummary,
    FailureCode,
    RunFailure,
    RunState,
    Services,
    code_of,
    failure,
)
from atsbridge.delivery import Guarded
from atsbridge.errors import AtsbridgeError, ConfigError, StoreError, require
from atsbridge.model import PAIR, Notice, NoticeText, Purpose, Receipt, clean
from atsbridge.ports import Decision, DeliveredMessage, Reply
from atsbridge.presentation import (
    Reader,
    ReplyState,
    answer_case_reply,
    answer_press,
    message_data,
    secret,
)
from atsbridge.replies.apply import CaseActions
from atsbridge.replies.assignees import is_unlisted
from atsbridge.replies.pair_replies import BriefReplies
from atsbridge.replies.parse import (
    ParsedReply,
    ReplyKind,
    first_name,
    morning,
    parse_emoji,
    parse_text,
)
from atsbridge.replies.personal_replies import PersonalReplies
from atsbridge.replies.why_reply import explain_briefly, may_reply

RECENT = timedelta(days=14)  # replies to older messages are not fetched
_TRIED = timedelta(days=1)  # how long a reply that cannot be applied stays in the inbox
MAX_CONVERSATIONS = 40  # per run and sink; those that were fetched longest ago come first
_ASKED = (Purpose.SEND, Purpose.FOLLOW_UP)
# Messages about no case, under which people write what they choose about their messages.
_APART = (Purpose.WEEKLY, Purpose.OFFER, Purpose.PULSE, Purpose.DIGEST, *PAIR)
_HELP = (
    "Sorry, I understand only a few words here: seen · snooze 2d · until friday · not me ·"
    " false alarm · done · why. Nothing has changed."
)


@dataclass(slots=True)
class ReplyPoller:
    """Polls replies for one account in one run, after evaluation, while its lock is held."""

    app: Services
    done: AccountSummary
    directory: Directory
    _personal: PersonalReplies = field(init=False)

    def __post_init__(self) -> None:
        self._personal = PersonalReplies(self.app, self.done.account, self.directory)

    def poll(self) -> None:
        """Apply each new reply once. Case, response and receipt are stored in one transaction.

        Replies that arrived by themselves come first. Then it asks sinks that read replies, for
        messages of the last two weeks on open cases. A sink's error goes into the summary; replies
        that it returned before are kept. StoreError is raised.
        """
        self._apply_received()
        if self.app.settings.notify.redirect_to:
            return  # redirected: the recipient cannot reply, and nobody else may reply for them
        sinks = self.app.sinks(self.done.account)
        by_sink: dict[str, list[Notice]] = {}
        read = any(one.spec.replies for one in sinks.values())
        for notice in self._answerable() if read else ():
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
                    if not self._arrived(known[answer.key], answer):
                        heard = self._try_hear(known[answer.key], answer)
                        known[answer.key] = heard or known[answer.key]
            except StoreError:
                raise
            except AtsbridgeError as error:
                where = f"{self.done.account}/{error.where or name}"
                failed = RunFailure(where, error.what, error.remedy, code_of(error), place)
                self.done.failures.append(failed)
            else:
                self.done.worked.add(place)

    def _apply_received(self) -> None:
        """Apply the replies that wait in the store; one about a message that is gone is dropped."""
        inbox, outbox = self.app.store.reply_inbox, self.app.store.outbox
        for received in inbox.read_replies(self.done.account):
            notice = outbox.find_notice(received.reply.key)
            if notice is not None and notice.account == self.done.account:
                if not received.answered:
                    heard = self._try_hear(notice, received.reply)
                    if heard is None and self.app.time.now() - received.at < _TRIED:
                        continue  # the next run tries again
                elif received.reply.mark not in notice.replies:
                    self._keep(notice, received.reply)
            inbox.remove_replies([received.reply])

    def _try_hear(self, notice: Notice, answer: Reply) -> Notice | None:
        """Apply one reply. None if that failed: it is reported, and holds up no other."""
        place = f"{self.done.account}/answers/{notice.destination.sink}/reply"
        try:
            heard = self._hear(notice, answer)
        except StoreError:
            raise
        except AtsbridgeError as error:
            self.done.failures.append(failure(place, error, place))
        except Exception as error:  # noqa: BLE001  one reply must not hold up messages
            what = f"a reply could not be applied: {type(error).__name__}"
            remedy = f"It is tried again for a day. Please report it, with the message {notice.key}"
            self.done.failures.append(RunFailure(place, what, remedy, FailureCode.FAULT, place))
        else:
            self.done.worked.add(place)
            return heard
        return None

    def _arrived(self, notice: Notice, answer: Reply) -> bool:
        """Whether a listener has heard this text since the run began; the next run applies it."""
        new = answer.is_written and answer.mark not in notice.replies
        return new and self.app.store.reply_inbox.holds_reply(answer)

    def _answerable(self) -> Iterator[Notice]:
        """Recent messages on open cases, oldest first.

        For each case and place, the first message and the newest one.
        """
        rules, since = self.app.packs.rule_set.rules, self.app.time.now() - RECENT
        for notices in self.app.store.outbox.read_open_notices(self.done.account, since).values():
            rule = rules.get(notices[0].rule)
            if rule is None or rule.news:
                continue
            ends: dict[tuple[str, str, str], list[Notice]] = {}
            for one in notices:
                if one.purpose in _ASKED and not one.digest:
                    its = ends.setdefault(one.destination.place, [])
                    its[1:] = [one]  # the newest one, in addition to the first
            for its in ends.values():
                yield from its
        yield from self._apart(since)

    def _apart(self, since: datetime) -> Iterator[Notice]:
        """Recent messages to people about no case; of the digests of a place the newest."""
        digests: dict[tuple[str, str, str], Notice] = {}
        for one in self.app.store.outbox.read_sent_apart(self.done.account, _APART, since):
            if one.destination.kind != "person":
                continue
            if one.purpose is Purpose.DIGEST:
                digests[one.destination.place] = one
            else:
                yield one
        yield from digests.values()

    def _whose_turn(self, notices: Sequence[Notice]) -> list[Notice]:
        """Choose the MAX_CONVERSATIONS messages that were polled longest ago, or never."""
        account, now = self.done.account, self.app.time.now()
        run_state, sink = RunState(self.app.store.run_state, account), notices[0].destination.sink
        before = run_state.read_polls(sink)
        places: dict[str, list[Notice]] = {}
        for one in notices:
            places.setdefault("/".join(one.destination.place), []).append(one)
        turn = sorted(places, key=lambda place: (before.get(place, ""), place))[:MAX_CONVERSATIONS]
        if len(places) > MAX_CONVERSATIONS or before:
            kept = {place: at for place, at in before.items() if place in places}
            kept |= dict.fromkeys(turn, now.isoformat())
            kept = kept if len(places) > MAX_CONVERSATIONS else {}
            if kept != before:
                run_state.write_polls(sink, kept)
        return [one for place in turn for one in places[place]]

    def _hear(self, notice: Notice, answer: Reply) -> Notice:
        """Apply one reply; return the notice as it is stored now."""
        if answer.mark in notice.replies:
            return notice
        if notice.purpose in PAIR:
            return self._hear_of_pair(notice, answer)
        if not may_reply(notice, answer):
            return self._keep(notice, answer) if answer.text or not answer.email else notice
        if notice.destination.kind == "person":
            made = self._personal.hear(notice, answer)
            if made is not None:
                return self._keep(notice, answer, made)
        zone = self._reader(notice).zone
        today = self.app.time.now().astimezone(ZoneInfo(zone)).date()
        parsed = parse_emoji(answer.emoji) if answer.emoji else parse_text(answer.text, today)
        if parsed is None and answer.emoji:
            return notice  # an emoji that means nothing to atsbridge
        if parsed is None:
            if notice.help_sent or notice.destination.kind != "person":
                return self._keep(notice, answer)  # people talk to each other in a channel
            return self._keep(notice, answer, _HELP, help_sent=True)
        if not notice.case:
            return self._keep(notice, answer, answer_case_reply(first_name(answer.name)))
        found: list[Decision] = []
        actor = f"{clean(answer.name)} in {notice.destination.sink}"
        actions = CaseActions(self.app, actor, found.append)
        try:
            if parsed.kind is ReplyKind.AGREE:
                reply = self._agree(notice, answer)
            else:
                reply = self._apply(actions, notice, parsed, first_name(answer.name))
        except ConfigError as error:
            reply = f"Sorry, that did not work: {error.what}."
        return self._keep(notice, answer, reply, decision=found[-1] if found else None)

    def _hear_of_pair(self, notice: Notice, answer: Reply) -> Notice:
        """Apply one reply to a message to a pair; help is given once per message."""
        if not answer.email:
            return self._keep(notice, answer) if answer.text else notice
        if may_reply(notice, answer) and (made := self._personal.hear(notice, answer)) is not None:
            return self._keep(notice, answer, made)
        response = BriefReplies(self.app, self.directory).apply(notice, answer)
        if response is None:
            return notice
        if response.is_help and notice.help_sent:
            return self._keep(notice, answer)
        return self._keep(notice, answer, response.text, help_sent=response.is_help)

    def _apply(self, actions: CaseActions, notice: Notice, reply: ParsedReply, name: str) -> str:
        """Apply the reply to its case; return the response for the thread."""
        number = notice.case
        case = self.app.store.cases.read_case(number)
        if case is not None and case.end is not None:
            return answer_press(ReplyState.ENDED, name, ended=case.end_reason)
        if reply.kind is ReplyKind.WHY:
            return explain_briefly(self.app, self.directory, notice)
        if reply.kind is ReplyKind.SEEN:
            until = self._reader(notice).moment(actions.acknowledge(number))
            return f"Thank you, {name}. I'll be quiet about this until {until}."
        if reply.kind is ReplyKind.SNOOZE:
            at = self._snoozed(actions, notice, reply)
            when = self._reader(notice).moment(at)
            return f"All right, {name}. I'll ask again on {when} if it is open."
        if reply.kind is ReplyKind.FALSE_ALARM:
            actions.false_alarm(number)
            return f"Thank you, {name}. I'll be quiet about this, and note that I was wrong here."
        if reply.kind is ReplyKind.DONE:
            actions.done(number)
            return f"Thank you, {name}! You hear from me only if it still shows as open."
        if notice.destination.kind != "person":
            return f"Thank you, {name}. Whose is it? `atsbridge cases reassign {number} --to …`"
        if reply.email and self.directory.by_email(reply.email) is None:
            return f"Sorry, {name}, I know nobody by that address. Nothing has changed."
        if is_unlisted(notice.destination):
            return f"Sorry, {name}, the ATS does not list you, so I cannot remember that."
        to = actions.reassign(number, reply.email, person=notice.destination.person)
        whose = "somebody else" if self._unnamed(notice) else to.name or "the rule's owner"
        return f"Thank you, {name}. It goes to {whose} now, and I'll remember that."

    def _agree(self, notice: Notice, answer: Reply) -> str:
        """Agree to the brief that a rule's message asks for."""
        if notice.subject.kind != "requisition":
            return "There is nothing to agree to here. Nothing has changed."
        return BriefReplies(self.app, self.directory).agree(notice, answer)

    def _unnamed(self, notice: Notice) -> bool:
        """Whether the response must not name people because the requisition is confidential."""
        rule = self.app.packs.rule_set.rules.get(notice.rule)
        return secret(
            notice.destination,
            message_data.read(self.app.store.subjects, rule, notice.subject).facts,
        )

    def _snoozed(self, actions: CaseActions, notice: Notice, reply: ParsedReply) -> datetime:
        if reply.until is None:
            return actions.snooze(notice.case, reply.amount)
        at = morning(reply.until, self.app.settings.notify.digest_at, self._reader(notice).zone)
        actions.snooze_until(notice.case, at)
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
        """Store the receipt, the decision and the response in one transaction."""
        now = self.app.time.now()
        answered = replace(
            notice,
            replies=(*notice.replies, answer.mark),
            help_sent=notice.help_sent or help_sent,
        )
        made = decision or Decision(account=self.done.account, at=now)
        back = [_make_reply(notice, answer.mark, reply, now)] if reply else []
        self.app.store.cases.save_decision(
            replace(made, notices=(*made.notices, *back), answered=(answered,))
        )
        return answered

    def _reader(self, notice: Notice) -> Reader:
        return Reader(self.directory, notice.destination, self.app.time.now())


def _sent(notice: Notice) -> DeliveredMessage:
    replies = [mark for mark in notice.replies if " " not in mark]
    at = require(notice.sent_at, "when a sent notice was sent")
    newest = max(replies, default="")
    return DeliveredMessage(notice.key, notice.destination, Receipt(notice.receipt), at, newest)


def _make_reply(notice: Notice, mark: str, body: str, now: datetime) -> Notice:
    """A response in the thread. Its key is the same if it is made again."""
    return Notice(
        key=hash_parts(notice.key, mark, Purpose.ANSWER),
        account=notice.account,
        case=notice.case,
        rule=notice.rule,
        subject=notice.subject,
        destination=notice.destination,
        purpose=Purpose.ANSWER,
        created_at=now,
        answers="" if notice.case else notice.key,
        text=NoticeText("", body),
        edition=notice.edition,
    )
