"""The removal of a tag: for what it waits, what the ATS is asked, and what a pilot reads."""

from __future__ import annotations

from typing import Any

import pytest

from atsbridge.errors import AmbiguousError, DeniedError
from atsbridge.model.notice import Destination, DropCode, Message, NoticeState, Receipt
from atsbridge.store.sql_store import SqlStore

from .test_writeback import LATE, OTHER, SEAT, Ats, ats, end, run, state, step

__all__ = ["ats", "end", "run", "step"]


def test_a_tag_that_was_never_put_on_is_not_waited_for(
    store: SqlStore, ats: Ats, run: Any, step: Any, end: Any
) -> None:
    """It was refused, so it is dead. That another case's try is unsettled changes nothing."""
    ats.faults = [DeniedError("no permission"), AmbiguousError("did not answer")]
    refused = step(SEAT)
    run()
    unsettled = step(OTHER)
    run()
    assert state(store, refused.key)[0] is NoticeState.DEAD
    assert state(store, unsettled.key)[0] is NoticeState.RETRY
    end(SEAT)
    run()
    assert state(store, f"off-{refused.key}") == (NoticeState.DROPPED, DropCode.NOTHING_SENT)


def test_the_ats_is_told_which_write_is_taken_back(
    store: SqlStore, ats: Ats, run: Any, step: Any, end: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the receipt of the step that put the tag on, and under the key of the removal."""
    asked: list[tuple[Any, str]] = []
    edit = ats.edit

    def noted(to: Destination, sent: Receipt, message: Message) -> Receipt:
        asked.append((dict(sent.ids), message.key))
        return edit(to, sent, message)

    monkeypatch.setattr(ats, "edit", noted)
    one = step()
    run()
    end()
    run()
    assert asked == [({"on": "candidate/c1", "had": False}, f"off-{one.key}")]
    assert state(store, f"off-{one.key}")[0] is NoticeState.SENT


def test_a_pilot_reads_which_tag_would_come_off(post: Any, run: Any, step: Any, end: Any) -> None:
    """One line, as good news."""
    one = step()
    run()
    end()
    run(redirect_to="pilot@acme.example")
    (message,) = post.messages
    assert (message.key, message.tone) == (f"off-{one.key}", "done")
    assert message.body == ""
    assert message.headline.rpartition("] ")[2].startswith(str(LATE))


def test_a_removal_that_is_refused_is_given_up_at_once(
    store: SqlStore, ats: Ats, run: Any, step: Any, end: Any
) -> None:
    """Another try would be refused too; ops hear of it as of every refused write."""
    one = step()
    run()
    end()
    ats.faults = [DeniedError("no permission")]
    run()
    assert state(store, f"off-{one.key}")[0] is NoticeState.DEAD
