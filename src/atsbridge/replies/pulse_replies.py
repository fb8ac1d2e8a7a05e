"""Replies to a pulse: stored for the two of the pair, and shown to both at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from atsbridge.cases import Directory, hash_parts
from atsbridge.context import Services
from atsbridge.model import (
    Destination,
    Key,
    Notice,
    PulseSheet,
    Purpose,
    Requisition,
    clean,
)
from atsbridge.ports import Reply
from atsbridge.presentation import pulse_text, weekly_message
from atsbridge.replies.parse import first_name
from atsbridge.replies.parse_ratings import parse_ratings

_NAME = 60  # characters
_ROLES = ("Recruiter", "Hiring manager")  # where a name is not known


@dataclass(frozen=True, slots=True)
class PulseReplies:
    """Applies them. The author is known to be the addressee."""

    app: Services
    account: str
    directory: Directory

    def hear(self, notice: Notice, answer: Reply) -> str | None:
        """Store the answers and return what is said back; None for an emoji.

        Once both have answered, the result is queued for both and the answers are erased. The
        result has the same key however often it is made.
        """
        if not answer.text:
            return None
        name = first_name(answer.name)
        sheets = {one.person: one for one in self._read(notice)}
        sheet = sheets.get(answer.email.lower())
        if sheet is None or sheet.shown_at is not None:
            return pulse_text.answer_closed(name)
        given = parse_ratings(answer.text)
        if given is None:
            return pulse_text.answer_unclear(name)
        sheet = replace(sheet, answers=_merge(sheet.answers, given))
        self.app.store.pulses.save_answers(sheet)
        sheets[sheet.person] = sheet
        waits = not all(one.complete for one in sheets.values())
        if not waits:
            self._show(notice, sheets)
        missing = [place for place, one in enumerate(sheet.answers) if one is None]
        return pulse_text.answer_pulse(name, missing, waits=waits)

    def _read(self, notice: Notice) -> Sequence[PulseSheet]:
        return self.app.store.pulses.read_sheets(self.account, notice.subject.id)

    def _show(self, notice: Notice, sheets: dict[str, PulseSheet]) -> None:
        """Queue the result for both, then erase the answers."""
        now, requisition = self.app.time.now(), notice.subject
        people = [
            (self._name(email) or role, self._answers(sheets, email))
            for email, role in zip(notice.pair, _ROLES, strict=True)
        ]
        text = pulse_text.render_result(self._role(requisition), people)
        self.app.store.outbox.queue(
            [
                Notice(
                    key=hash_parts("pulse result", self.account, requisition.id, email),
                    account=self.account,
                    case=0,
                    rule="",
                    subject=requisition,
                    destination=self._destination(email),
                    purpose=Purpose.PULSE_RESULT,
                    created_at=now,
                    pair=notice.pair,
                    text=text,
                )
                for email in notice.pair
            ]
        )
        self.app.store.pulses.close_pulse(self.account, requisition.id, now)

    @staticmethod
    def _answers(sheets: dict[str, PulseSheet], email: str) -> Sequence[int]:
        return [one for one in sheets[email].answers if one is not None]

    def _destination(self, email: str) -> Destination:
        user = self.directory.by_email(email)
        sink = self.directory.find_sink(email)
        return Destination(sink, "person", email, user.id if user else None)

    def _name(self, email: str) -> str:
        user = self.directory.by_email(email)
        return clean((user.name if user else "") or "", _NAME)

    def _role(self, requisition: Key) -> str:
        found = self.app.store.history.read_record(requisition)
        if not isinstance(found, Requisition):
            return "the role"
        return weekly_message.role_name(found.title, found.code)


def _merge(known: tuple[int | None, ...], given: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """The answers with those given; a single one answers the first question that is open."""
    if None not in given:
        return given
    value = given[0]
    if None in known:
        place = known.index(None)
        return (*known[:place], value, *known[place + 1 :])
    return (value, *known[1:])
