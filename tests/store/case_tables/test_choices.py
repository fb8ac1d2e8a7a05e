"""Choices of people: the latest holds, the last can be taken back, and they can be erased."""

from __future__ import annotations

from datetime import timedelta

from atsbridge.model import Choice, ChoiceTopic, ChoiceValue, PulseSheet
from atsbridge.store import SqlStore

from ..conftest import NOON

KIM = "kim@acme.example"
HOUR = timedelta(hours=1)


def _choice(topic: ChoiceTopic, value: ChoiceValue, hours: int = 0) -> Choice:
    return Choice(KIM, topic, value, NOON + hours * HOUR, "Kim Osei in slack")


def test_the_latest_choice_holds_and_the_last_is_taken_back(store: SqlStore) -> None:
    delivery, pairs = ChoiceTopic.DELIVERY, ChoiceTopic.PAIRS
    choices = store.choices
    choices.save_choices([_choice(pairs, ChoiceValue.ON)])
    choices.save_choices([_choice(delivery, ChoiceValue.DIGEST, 1)])
    choices.save_choices([_choice(delivery, ChoiceValue.DIGEST, 2)])  # holds already
    stop = [_choice(delivery, ChoiceValue.STOP, 3), _choice(pairs, ChoiceValue.OFF, 3)]
    choices.save_choices(stop)
    assert len(choices.read_choice_history(KIM)) == 4
    now = choices.read_choices()[KIM]
    assert (now.stopped, now.digest_only, now.shares) == (True, True, False)
    assert choices.undo_choice(KIM) == stop
    now = choices.read_choices()[KIM]
    assert (now.stopped, now.digest_only, now.shares) == (False, True, True)
    choices.undo_choice(KIM)
    choices.undo_choice(KIM)
    assert (choices.undo_choice(KIM), dict(choices.read_choices())) == ((), {})


def test_answers_of_a_pulse_are_erased_once_shown(store: SqlStore) -> None:
    """Asked once, changed until they are shown, then gone."""
    sheets = [PulseSheet("acme", "r1", one, NOON) for one in (KIM, "ana@acme.example")]
    store.pulses.ask_pulse(sheets)
    store.pulses.save_answers(PulseSheet("acme", "r1", KIM, NOON, (4, None)))
    store.pulses.ask_pulse(sheets)
    ana, kim = store.pulses.read_sheets("acme")
    assert (ana.answers, kim.answers, kim.complete) == ((None, None), (4, None), False)
    assert "4" not in repr(kim).replace("acme", "")
    store.pulses.close_pulse("acme", "r1", NOON + HOUR)
    store.pulses.save_answers(PulseSheet("acme", "r1", KIM, NOON, (5, 5)))
    assert [one.answers for one in store.pulses.read_sheets("acme", "r1")] == [(None, None)] * 2


def test_a_colleague_is_erased(store: SqlStore) -> None:
    store.choices.save_choices([_choice(ChoiceTopic.PAIRS, ChoiceValue.ON)])
    store.pulses.ask_pulse([PulseSheet("acme", "r1", KIM, NOON)])
    assert store.privacy.forget_person(KIM.upper()) == 2
    assert (dict(store.choices.read_choices()), store.pulses.read_sheets("acme")) == ({}, [])


def test_old_pulses_are_erased_by_age(store: SqlStore) -> None:
    store.pulses.ask_pulse([PulseSheet("acme", "r1", KIM, NOON)])
    assert store.privacy.expire("acme", NOON + HOUR) == {"pulses": 1}
