"""Holds that end by themselves, and who ends the others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from atsbridge.model.case import End
from atsbridge.model.notice import Hold, NoticeState, Purpose
from atsbridge.model.reason import ReasonCode, because
from atsbridge.store.case_tables.outbox import _PASSING
from atsbridge.store.sql_store import SqlStore
from atsbridge.timesource import ManualTime

from .conftest import notice, states


@pytest.mark.parametrize("ended", [False, True])
def test_what_a_rule_with_an_error_held_is_sent_after_the_correction(
    store: SqlStore, put: Any, run: Any, post: Any, time: ManualTime, ended: bool
) -> None:
    """A reminder that is due, and the end of a case that was announced before."""
    if ended:
        put(notice("k0"))
        run()
        resolved = {"end": End.RESOLVED, "end_reason": because(ReasonCode.STOPPED)}
        put(notice("k1", purpose=Purpose.RESOLVE), **resolved)
    else:
        put(notice("k1"))
    run(is_stopped=lambda _rule: True)
    assert states(store)["k1"] == (NoticeState.HELD, Hold.STOPPED)
    time.advance(timedelta(minutes=10))
    run(is_stopped=lambda _rule: True)
    assert states(store)["k1"] == (NoticeState.HELD, Hold.STOPPED)
    before = len(post.sent) + len(post.edited)
    time.advance(timedelta(minutes=10))
    run()
    assert states(store)["k1"][0] is NoticeState.SENT
    assert len(post.sent) + len(post.edited) == before + 1


def test_every_hold_has_an_end() -> None:
    """By itself, or by the digest, by `notices release`, and for shadow never: nobody is told."""
    assert set(Hold) == {*_PASSING, Hold.DIGEST, Hold.BREAKER, Hold.SHADOW}
