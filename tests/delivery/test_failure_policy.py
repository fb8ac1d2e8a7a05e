"""A message that cannot be sent: tried again, given up, and never silently lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.delivery.failure_policy import TRIES
from atsbridge.errors import AmbiguousError, AuthError, FatalError, RetryableError
from atsbridge.model.notice import NoticeState
from atsbridge.ports.decision_store import Decision
from atsbridge.rules.rule import Rule
from atsbridge.store.sql_store import SqlStore
from atsbridge.timesource import ManualTime

from .conftest import RAVI, Run, notice, states


def test_an_ambiguous_send_is_looked_up_at_once(put: Any, run: Run, post: Any) -> None:
    """It arrived after all: settled as sent, not repeated."""
    put(notice("k1"))
    post.faults, post.arrives = [AmbiguousError("timed out")], True
    assert run().counts == {NoticeState.SENT: 1}
    assert [key for _, key, _ in post.sent] == ["k1"]


def test_a_failed_send_is_tried_again_with_growing_waits_and_then_given_up(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """Each failure is reported; the wait doubles; after the last try it is dead, with a reason."""
    put(notice("k1"))
    post.faults = [RetryableError("busy", where="post: send") for _ in range(TRIES)]
    waits = []
    for _ in range(TRIES - 1):
        report = run()
        assert report.counts == {NoticeState.RETRY: 1}
        (failure,) = report.failures
        assert (failure.where, failure.what) == ("post: send", "busy")
        (kept,) = store.outbox.read_notices("acme")
        assert kept.not_before is not None
        waits.append(kept.not_before - time.now())
        assert run().counts == {}
        time.advance(waits[-1])
    assert waits == [timedelta(minutes=5 * 2**n) for n in range(TRIES - 1)]
    assert run().counts == {NoticeState.DEAD: 1}
    assert states(store)["k1"] == (NoticeState.DEAD, "post: send: busy")


def test_a_wait_the_service_asks_for_is_kept(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """Retry-After longer than our own wait comes first."""
    put(notice("k1"))
    post.faults = [RetryableError("busy", retry_after=3600.0)]
    run()
    (kept,) = store.outbox.read_notices("acme")
    assert kept.not_before == time.now() + timedelta(hours=1)


def test_a_refused_credential_stops_the_sink_and_kills_no_notice(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """One request tells; everything waits; once the token is mended, all of it goes out."""
    put(notice("k1"), notice("k2", RAVI))
    for _ in range(TRIES + 2):
        post.faults = [AuthError("token_revoked"), AuthError("asked again")]
        assert run().counts == {NoticeState.RETRY: 2}
        assert len(post.faults) == 1
        time.advance(timedelta(minutes=5))
    post.faults = []
    assert run().counts == {NoticeState.SENT: 2}
    assert sorted(key for _, key, _ in post.sent) == ["k1", "k2"]


def test_a_broken_plugin_stops_nobody_else(store: SqlStore, put: Any, run: Run, post: Any) -> None:
    """An exception of any type is one failed notice, by name of the sink; the others go out."""
    put(notice("k1"), notice("k2", RAVI))
    post.faults = [ZeroDivisionError("secret detail")]
    report = run()
    assert report.counts == {NoticeState.RETRY: 1, NoticeState.SENT: 1}
    assert [failure.what for failure in report.failures] == ["sink post raised ZeroDivisionError"]


def test_a_notice_that_cannot_be_made_holds_up_nobody(
    store: SqlStore, put: Any, run: Run, post: Any, rules: dict[str, Rule]
) -> None:
    """A fault of our own is one failed notice; the next one goes out."""
    broken = {**rules, "broken": replace(rules["feedback-late"], id="broken", steps=None)}  # type: ignore[arg-type]
    put(notice("k1"), notice("k2", RAVI))
    kept = replace(store.outbox.read_notices("acme")[0], rule="broken")
    store.cases.save_decision(
        Decision(
            account="acme",
            at=kept.created_at or datetime.now(UTC),
            notices=[replace(kept, key="k0")],
        )
    )
    report = run(rules=broken)
    assert report.counts == {NoticeState.RETRY: 1, NoticeState.SENT: 2}
    assert [f.what for f in report.failures] == ["the notice could not be made: TypeError"]


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        (1.0, timedelta(minutes=5)),
        (3600.0, timedelta(hours=1)),
        (30 * 365 * 86400.0, timedelta(hours=6)),
        (1e300, timedelta(hours=6)),
        (float("inf"), timedelta(hours=6)),
        (float("nan"), timedelta(minutes=5)),
        (-5.0, timedelta(minutes=5)),
    ],
)
def test_a_sink_s_wish_to_wait_is_bounded(
    store: SqlStore, put: Any, run: Run, post: Any, time: ManualTime, asked: float, wait: timedelta
) -> None:
    """Any number a chat service names costs that notice some hours at most, and nothing else."""
    put(notice("k1"), notice("k2", to=RAVI))
    post.faults = [RetryableError("rate limited", retry_after=asked)]
    assert run().counts == {NoticeState.RETRY: 1, NoticeState.SENT: 1}
    (kept,) = store.outbox.read_notices("acme", states=[NoticeState.RETRY])
    assert kept.not_before == time.now() + wait


def test_what_took_a_message_is_in_the_report_and_what_failed_is_named_alike(
    put: Any, run: Run, post: Any
) -> None:
    """So that "recovered" is a fact: the sink that failed took a message; a person whom it refuses
    is not vouched for by another who had theirs."""
    put(notice("k1"))
    post.faults = [RetryableError("Slack says ratelimited")]
    (down,) = run().failures
    assert (down.place, down.code) == ("sink/post", "RetryableError")
    put(notice("k2", RAVI))
    worked = run().worked
    assert down.place in worked
    put(notice("k3"))
    post.faults = [FatalError("Slack says cannot_dm"), FatalError("no such channel")]
    report = run()
    refused = next(one for one in report.failures if one.what == "Slack says cannot_dm")
    assert refused.place not in worked
