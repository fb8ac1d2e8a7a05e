"""An answer belongs below the message that it answers, or nowhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from atsbridge.model.notice import DropCode, NoticeState, Purpose
from atsbridge.store.sql_store import SqlStore

from .conftest import Run, notice, states


def test_an_answer_without_its_message_is_dropped_with_the_reason(
    store: SqlStore, put: Any, run: Run, post: Any
) -> None:
    """Nothing of the case was sent there: the reader would not know what it is about."""
    put(notice("k1", purpose=Purpose.ANSWER, step=-1))
    assert run().counts == {NoticeState.DROPPED: 1}
    assert states(store) == {"k1": (NoticeState.DROPPED, DropCode.MESSAGE_DELETED)}
    assert post.sent == []


def test_a_sink_without_threads_has_no_place_for_an_answer(
    store: SqlStore, put: Any, run: Run, post: Any
) -> None:
    """Though the message is there."""
    post.spec = replace(post.spec, threads=False)
    put(notice("k1"))
    run()
    put(notice("k2", purpose=Purpose.ANSWER, step=-1))
    run()
    assert states(store)["k2"] == (NoticeState.DROPPED, DropCode.MESSAGE_DELETED)
    assert [key for _, key, _ in post.sent] == ["k1"]
