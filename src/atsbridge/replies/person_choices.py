"""Stores what a person chooses about their own messages, by reply or through an operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from atsbridge.cases import make_ops_notice
from atsbridge.context import Services
from atsbridge.errors import ConfigError
from atsbridge.model import Choice, ChoiceTopic, ChoiceValue, Destination, clean
from atsbridge.presentation import describe_stop
from atsbridge.replies.parse_choice import ChoiceKind

# What each kind of reply chooses. Who stops gets no weekly message either: both of a pair read the
# same text, or neither does.
_CHOSEN: dict[ChoiceKind, tuple[tuple[ChoiceTopic, ChoiceValue], ...]] = {
    ChoiceKind.DIGEST_ONLY: ((ChoiceTopic.DELIVERY, ChoiceValue.DIGEST),),
    ChoiceKind.WEEKLY_ON: ((ChoiceTopic.PAIRS, ChoiceValue.ON),),
    ChoiceKind.WEEKLY_OFF: ((ChoiceTopic.PAIRS, ChoiceValue.OFF),),
    ChoiceKind.STOP: (
        (ChoiceTopic.DELIVERY, ChoiceValue.STOP),
        (ChoiceTopic.PAIRS, ChoiceValue.OFF),
    ),
    ChoiceKind.START: ((ChoiceTopic.DELIVERY, ChoiceValue.ALL),),
}
_LINE = 200  # characters of who made a choice


@dataclass(frozen=True, slots=True)
class ChoiceKeeper:
    """Stores choices. `actor`: who made them; it is stored with each."""

    app: Services
    actor: str

    def choose(self, email: str, kind: ChoiceKind) -> Sequence[Choice]:
        """Store what the person with that address chooses."""
        person, now = email.strip().lower(), self.app.time.now()
        actor = clean(self.actor, _LINE)
        made = [Choice(person, topic, value, now, actor) for topic, value in _CHOSEN[kind]]
        self.app.store.choices.save_choices(made)
        return made

    def undo(self, email: str) -> Sequence[Choice]:
        """Take back what the person chose last. ConfigError if they chose nothing."""
        person = email.strip().lower()
        taken = self.app.store.choices.undo_choice(person)
        if not taken:
            raise ConfigError(
                f"{person} has chosen nothing", remedy="See all choices: `atsbridge people`"
            )
        return taken

    def tell_ops(self, account: str, ops: Destination, name: str, email: str) -> None:
        """Queue a message to the operators that the person stopped: once a day at most."""
        now = self.app.time.now()
        topic = f"stop/{email}/{now:%Y-%m-%d}"
        text = describe_stop(name, email)
        notice = make_ops_notice(account, ops, topic, text, now)
        self.app.store.outbox.queue([notice])
