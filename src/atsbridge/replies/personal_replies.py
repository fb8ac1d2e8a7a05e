"""Replies in a direct message that are about the reader and no case: choices, and a pulse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from atsbridge.cases import Directory
from atsbridge.context import AccountContext, Services, find_pairs, find_sharers
from atsbridge.model import ChoiceValue, Notice, Purpose, clean
from atsbridge.ports import Reply
from atsbridge.presentation import answer_delivery, answer_pairs
from atsbridge.replies.parse import first_name
from atsbridge.replies.parse_choice import ChoiceKind, parse_choice, parse_consent
from atsbridge.replies.person_choices import ChoiceKeeper
from atsbridge.replies.pulse_replies import PulseReplies

_DELIVERY = {
    ChoiceKind.DIGEST_ONLY: ChoiceValue.DIGEST,
    ChoiceKind.STOP: ChoiceValue.STOP,
    ChoiceKind.START: ChoiceValue.ALL,
}
_NAMED = 3  # colleagues that an answer names


@dataclass(frozen=True, slots=True)
class PersonalReplies:
    """Applies them. The author is known to be the addressee."""

    app: Services
    account: str
    directory: Directory

    def hear(self, notice: Notice, answer: Reply) -> str | None:
        """Apply a reply and return the answer to it; None for a reply that is about the case.

        It is stored at once: a reply that is read twice chooses the same.
        """
        kind = self._parse(notice, answer)
        if kind is None:
            if notice.purpose is not Purpose.PULSE:
                return None
            return PulseReplies(self.app, self.account, self.directory).hear(notice, answer)
        email, name = answer.email.lower(), first_name(answer.name)
        keeper = ChoiceKeeper(self.app, f"{clean(answer.name)} in {notice.destination.sink}")
        keeper.choose(email, kind)
        if kind is ChoiceKind.STOP:
            keeper.tell_ops(self.account, self.directory.ops, clean(answer.name), email)
        if kind in _DELIVERY:
            return answer_delivery(name, _DELIVERY[kind])
        shares = kind is ChoiceKind.WEEKLY_ON
        return answer_pairs(
            name,
            shares=shares,
            weekly=self.app.settings.notify.weekly is not None,
            others=self._find_others(email) if shares else (),
        )

    def _parse(self, notice: Notice, answer: Reply) -> ChoiceKind | None:
        if notice.purpose is Purpose.OFFER:
            return parse_consent(answer.text, answer.emoji)
        return parse_choice(answer.text) if answer.text else None

    def _find_others(self, email: str) -> Sequence[str]:
        """Names of the colleagues with whom both agreed."""
        sharers = find_sharers(self.app)
        pairs = find_pairs(AccountContext(self.app, self.account))
        others = [one.other(email) for one in pairs if email in one.emails]
        agreed = [one for one in others if (one.email or "").lower() in sharers]
        return [clean(one.name or "a colleague") for one in agreed[:_NAMED]]
