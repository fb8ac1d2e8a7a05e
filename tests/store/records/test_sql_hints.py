"""Hints of webhooks, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from atsbridge.ports import HintState, ReceivedHints, RefreshHint
from atsbridge.store.sql_store import SqlStore

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def delivery(*keys: str, account: str = "acme", at: datetime = NOW) -> ReceivedHints:
    hints = [RefreshHint("application", (f"a-{key}",), key, None) for key in keys]
    return ReceivedHints(account, at, hints)


def waiting(store: SqlStore, account: str = "acme") -> list[str]:
    return [id_ for one in store.hints.read_pending(account, 100) for id_ in one.ids]


def test_a_delivery_waits_until_it_is_read(store: SqlStore) -> None:
    """Oldest first, of each account alone; a key that is known changes nothing."""
    assert (
        store.hints.receive([delivery("1"), delivery("2"), delivery("9", account="b")], 10)
        == [True] * 3
    )
    assert waiting(store) == ["a-1", "a-2"]
    store.hints.receive([delivery("1", at=NOW + timedelta(hours=1))], 10)
    assert waiting(store) == ["a-1", "a-2"]
    assert store.hints.count_pending() == {"acme": 2, "b": 1}
    numbers = [one.number for one in store.hints.read_pending("acme", 1)]
    store.hints.finish("acme", numbers, NOW)
    assert waiting(store) == ["a-2"]
    store.hints.receive([delivery("1")], 10)  # played again
    assert waiting(store) == ["a-2"]
    assert waiting(store, "b") == ["a-9"]


def test_one_key_may_name_records_of_several_kinds(store: SqlStore) -> None:
    hints = [RefreshHint(kind, ("1", "2"), "k", None) for kind in ("offer", "application")]
    store.hints.receive([ReceivedHints("acme", NOW, hints)], 10)
    found = store.hints.read_pending("acme", 10)
    assert [(one.kind, one.ids, one.received_at) for one in found] == [
        ("offer", ("1", "2"), NOW),
        ("application", ("1", "2"), NOW),
    ]


def test_the_queue_is_bounded(store: SqlStore) -> None:
    """What has no room is not stored, and not counted as received; others are."""
    found = store.hints.receive(
        [delivery("1"), delivery("2"), delivery("3"), delivery("4", account="b")], 2
    )
    assert found == [True, True, False, True]
    assert store.hints.read_state("acme").received == 2
    assert store.hints.receive([ReceivedHints("acme", NOW)], 2) == [True]


def test_a_hint_is_given_up_after_some_tries(store: SqlStore) -> None:
    store.hints.receive([delivery("1")], 10)
    (one,) = store.hints.read_pending("acme", 10)
    store.hints.fail("acme", [one.number], 2, NOW)
    assert [again.tries for again in store.hints.read_pending("acme", 10)] == [1]
    store.hints.fail("acme", [one.number], 2, NOW)
    assert waiting(store) == []


def test_finished_ones_are_forgotten_and_waiting_ones_are_not(store: SqlStore) -> None:
    store.hints.receive([delivery("1"), delivery("2"), delivery("3", at=NOW + timedelta(1))], 10)
    first, _, third = store.hints.read_pending("acme", 10)
    store.hints.finish("acme", [first.number, third.number], NOW)
    assert store.hints.forget_before("acme", NOW + timedelta(hours=1)) == 1
    assert waiting(store) == ["a-2"]
    store.hints.receive([delivery("1")], 10)  # forgotten, so it is new
    assert waiting(store) == ["a-2", "a-1"]


def test_what_is_known_of_an_account(store: SqlStore) -> None:
    """Deliveries, repeated hints, refusals, and what runs found meanwhile."""
    assert store.hints.read_state("acme") == HintState()
    store.hints.note_polled("acme", 7)  # no webhook ever came: nothing is missed
    assert store.hints.read_state("acme") == HintState()
    store.hints.note_refusal("acme", NOW, "its signature is wrong")
    store.hints.receive([delivery("1"), delivery("1"), ReceivedHints("acme", NOW)], 10)
    store.hints.note_polled("acme", 2)
    store.hints.note_polled("acme", 3)
    assert store.hints.read_state("acme") == HintState(
        received=3,
        received_at=NOW,
        repeated=1,
        refused=1,
        refused_at=NOW,
        refusal="its signature is wrong",
        pending=1,
        missed=5,
    )
    store.hints.receive([ReceivedHints("acme", NOW + timedelta(hours=1))], 10)
    assert store.hints.read_state("acme").missed == 0
    assert store.hints.read_state("b") == HintState()
