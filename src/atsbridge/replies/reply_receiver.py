"""Takes replies the moment they arrive: checks who gave them, stores them, and says what comes.

The next run applies what is stored, exactly like a reply that it fetches itself. Only "why" is
answered at once. A text in a thread that is no answer to a case is left to the run, which reads
threads as well; nothing of it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from zoneinfo import ZoneInfo

from atsbridge.context import AccountContext, Services
from atsbridge.errors import AtsbridgeError, StoreError
from atsbridge.model import Case, Notice
from atsbridge.ports import ReceivedReply, Reply, ReplyOutcome
from atsbridge.presentation import BUTTON_REPLIES, Reader, ReplyState, answer_press
from atsbridge.replies.parse import ParsedReply, ReplyKind, first_name, parse_text
from atsbridge.replies.poll import RECENT
from atsbridge.replies.why_reply import explain_briefly, may_reply

_WHY = "why"


@dataclass(slots=True)
class ReplyReceiver:
    """Receives the replies to messages of one sink. Threads may share it.

    `stored`: how many replies it stored so far. `explained`: how many it answered at once.
    """

    app: Services
    sink: str
    stored: int = 0
    explained: int = 0

    def receive(self, reply: Reply) -> ReplyOutcome:
        """Store one reply and return what its author reads; what is not valid is refused in words.

        A store that does not answer is refused in words, too.
        """
        if reply.is_written:
            return self._receive_text(reply)
        name = first_name(reply.name)
        try:
            notice = self.app.store.outbox.find_notice(reply.key)
            if notice is None or notice.destination.sink != self.sink:
                return ReplyOutcome(answer_press(ReplyState.UNKNOWN, name))
            case = self.app.store.cases.read_case(notice.case) if notice.case else None
            state = self._check(notice, case, reply)
            if state is ReplyState.STORED and reply.text == _WHY:
                return self._explain(notice, reply)
            if state is ReplyState.STORED:
                state = self._store(notice, reply)
        except StoreError:
            return ReplyOutcome(answer_press(ReplyState.NOT_SAVED, name))
        ended = case.end_reason if case is not None else None
        return ReplyOutcome(answer_press(state, name, reply.text, ended))

    def _receive_text(self, reply: Reply) -> ReplyOutcome:
        """A text in the thread of a case. What is not understood, or cannot be stored, is left to
        the next run, which reads it there."""
        try:
            notice = self.app.store.outbox.find_notice(reply.key)
            if notice is None or notice.destination.sink != self.sink or not notice.case:
                return ReplyOutcome()
            parsed = self._parse(notice, reply)
            if parsed is None:
                return ReplyOutcome()
            case = self.app.store.cases.read_case(notice.case)
            state = self._check_reader(notice, case, reply)
            if state is ReplyState.STORED:
                state = self._store(notice, reply)
            if state is ReplyState.REPEATED:
                return ReplyOutcome()
            if state is ReplyState.STORED and parsed.kind is ReplyKind.WHY:
                return self._explain_text(notice, reply)
        except AtsbridgeError:
            return ReplyOutcome()
        ended = case.end_reason if case is not None else None
        name = first_name(reply.name)
        return ReplyOutcome(answer_press(state, name, parsed.kind.value, ended))

    def _parse(self, notice: Notice, reply: Reply) -> ParsedReply | None:
        now = self.app.time.now()
        directory = AccountContext(self.app, notice.account).directory
        zone = Reader(directory, notice.destination, now).zone
        return parse_text(reply.text, now.astimezone(ZoneInfo(zone)).date())

    def _explain_text(self, notice: Notice, reply: Reply) -> ReplyOutcome:
        """The answer to a "why" that waits in the inbox; the next run gives it if this fails."""
        outcome = self._explain(notice, reply)
        if not outcome.in_thread:
            return ReplyOutcome()
        return replace(outcome, confirm=partial(self.app.store.reply_inbox.mark_answered, reply))

    def _check(self, notice: Notice, case: Case | None, reply: Reply) -> ReplyState:
        """STORED if the press may be stored or explained; else why not."""
        if may_reply(notice, reply) and reply.text not in BUTTON_REPLIES:
            return ReplyState.NO_CHOICE
        return self._check_reader(notice, case, reply)

    def _check_reader(self, notice: Notice, case: Case | None, reply: Reply) -> ReplyState:
        """STORED if the author may reply to this message now, and has not; else why not."""
        if not may_reply(notice, reply):
            return ReplyState.NOT_READER
        if case is None or case.end is not None:
            return ReplyState.ENDED
        if notice.sent_at is None or self.app.time.now() - notice.sent_at > RECENT:
            return ReplyState.TOO_OLD
        again = reply.text == _WHY and not reply.is_written  # the button may be pressed again
        repeated = reply.mark in notice.replies and not again
        return ReplyState.REPEATED if repeated else ReplyState.STORED

    def _store(self, notice: Notice, reply: Reply) -> ReplyState:
        received = ReceivedReply(notice.account, reply, self.app.time.now())
        if not self.app.store.reply_inbox.add_reply(received):
            return ReplyState.REPEATED
        self.stored += 1
        return ReplyState.STORED

    def _explain(self, notice: Notice, reply: Reply) -> ReplyOutcome:
        """The answer to "why". Where it cannot be made now, the next run gives it."""
        try:
            directory = AccountContext(self.app, notice.account).directory
            text = explain_briefly(self.app, directory, notice)
        except StoreError:
            raise
        except AtsbridgeError:
            name = first_name(reply.name)
            return ReplyOutcome(answer_press(self._store(notice, reply), name, reply.text))
        self.explained += 1
        return ReplyOutcome(text, in_thread=True)
