"""Nothing is sent twice: after a kill, while a look-up is refused, where two readers are one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.cases.quiet_hours import Attention
from atsbridge.delivery.confirmation import RecheckResult
from atsbridge.errors import AtsbridgeError, AuthError, DeniedError, RetryableError
from atsbridge.model.notice import DropCode, Hold, Notice, NoticeState, Purpose
from atsbridge.store.sql_store import SqlStore
from atsbridge.timesource import ManualTime
from atsbridge.worktime.calendar import Calendar, parse_hours

from .conftest import MARA, RAVI, Killed, Run, notice, states

MORNING = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
UTC_OFFICE = Calendar("office", "UTC", parse_hours("mon-fri 09:00-18:00"))
ATTENTION = Attention(calendar=lambda _to: UTC_OFFICE)
LINE: dict[str, Any] = {"state": NoticeState.HELD, "hold": Hold.DIGEST, "not_before": MORNING}


def of_account(store: SqlStore, purpose: Purpose) -> list[Notice]:
    return [one for one in store.outbox.read_notices("acme") if one.purpose is purpose]


@pytest.fixture
def send_digest(run: Run) -> Callable[[], object]:
    return lambda: run(attention=ATTENTION)


@pytest.fixture
def kill(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Run what is given; the process dies once a message is sent, before that is stored."""

    def go(run: Any) -> None:
        def die(*_: object) -> None:
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(type(store.outbox), "settle", die)
            with pytest.raises(Killed):
                run()

    return go


@pytest.mark.parametrize(
    "refusal",
    [AuthError("revoked"), DeniedError("no scope"), RetryableError("busy")],
    ids=lambda one: type(one).__name__,
)
def test_a_digest_that_departed_before_a_kill_waits_until_it_can_be_looked_up(
    refusal: AtsbridgeError,
    store: SqlStore,
    put: Any,
    post: Any,
    kill: Any,
    send_digest: Any,
    time: ManualTime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It arrived. Refused for a day, no run sends it, or its lines in another; then it is found."""
    put(notice("k1", **LINE))
    time.advance(MORNING - time.now())
    kill(send_digest)
    (digest,) = of_account(store, Purpose.DIGEST)

    def refuse(*_: object, **__: object) -> None:
        raise refusal

    with monkeypatch.context() as patched:
        patched.setattr(post, "find", refuse)
        for _ in range(4):
            send_digest()
            assert [one.state for one in of_account(store, Purpose.DIGEST)] == [NoticeState.RETRY]
            time.advance(timedelta(hours=2))
    send_digest()
    assert [key for to, key, _ in post.sent if to == MARA.address] == [digest.key]
    (line,) = of_account(store, Purpose.SEND)
    assert (line.state, line.digest) == (NoticeState.SENT, digest.key)
    assert [one.key for one in of_account(store, Purpose.DIGEST)] == [digest.key]


def test_two_readers_who_are_unknown_to_the_sink_are_one_digest_to_the_owner(
    store: SqlStore, put: Any, post: Any, send_digest: Any, time: ManualTime
) -> None:
    """The lines of the digest that is not sent are settled with it: no later run sends them."""
    post.strangers = {"mara@acme.example", "ravi@acme.example"}
    put(notice("k1", **LINE), notice("k2", RAVI, **LINE))
    time.advance(MORNING - time.now())
    for _ in range(3):
        send_digest()
        time.advance(timedelta(minutes=15))
    assert [to for to, _, _ in post.sent] == ["#ops"]
    assert states(store)["k1"] == (NoticeState.SENT, None)
    assert states(store)["k2"] == (NoticeState.DROPPED, DropCode.REPEATED)


@pytest.mark.parametrize("line", [{}, LINE], ids=["message", "digest"])
def test_what_an_earlier_run_sent_is_not_shown_as_sent_by_this_one(
    line: dict[str, Any], put: Any, post: Any, run: Run, kill: Any, time: ManualTime
) -> None:
    """It is found at its destination: settled, and not passed to the watcher."""
    shown: list[str] = []

    def go() -> object:
        return run(attention=ATTENTION, watch=lambda _, message: shown.append(message.key))

    put(notice("k1", **line))
    time.advance(MORNING - time.now())
    kill(go)
    sent = [key for _, key, _ in post.sent]
    assert len(sent) == 1
    assert shown == sent
    go()
    assert shown == sent == [key for _, key, _ in post.sent]


def test_a_digest_that_departed_before_a_kill_waits_until_its_lines_are_confirmed(
    store: SqlStore, put: Any, post: Any, run: Any, kill: Any, time: ManualTime
) -> None:
    """The ATS is down in the next runs. No other digest lists what may have arrived in this one."""
    unsure: dict[int, str] = {}

    def go() -> object:
        return run(attention=ATTENTION, confirm=lambda *_: RecheckResult(unsure=unsure))

    put(notice("k1", **LINE))
    time.advance(MORNING - time.now())
    kill(go)
    unsure.update({one.case: "down" for one in of_account(store, Purpose.SEND)})
    for _ in range(3):
        go()
        (digest,) = of_account(store, Purpose.DIGEST)
        assert (digest.state, digest.hold) == (NoticeState.HELD, Hold.UNCONFIRMED)
        time.advance(timedelta(hours=2))
    unsure.clear()
    go()
    assert [key for _, key, _ in post.sent] == [digest.key]
    assert {states(store)[key][0] for key in ("k1", digest.key)} == {NoticeState.SENT}
