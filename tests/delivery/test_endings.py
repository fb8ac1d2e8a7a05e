"""The end of a case for each of its readers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from atsbridge.cases.quiet_hours import Attention
from atsbridge.delivery.failure_policy import TRIES
from atsbridge.errors import FatalError, RetryableError
from atsbridge.model.case import End, Handling
from atsbridge.model.notice import DropCode, Hold, NoticeState, Purpose
from atsbridge.model.reason import ReasonCode, because
from atsbridge.presentation import resolution_text
from atsbridge.store.sql_store import SqlStore
from atsbridge.timesource import ManualTime
from atsbridge.worktime.calendar import Calendar, parse_hours

from .conftest import Killed, Run, notice, states


def test_the_end_edits_the_first_message(put: Any, run: Run, post: Any) -> None:
    """Good news disturbs nobody: the message that went out changes, nothing new is sent."""
    put(notice("k1"))
    run()
    put(
        notice("k2", purpose=Purpose.RESOLVE, step=-1),
        end=End.RESOLVED,
        end_reason=because(ReasonCode.STOPPED),
    )
    assert run().counts == {NoticeState.SENT: 1}
    assert [key for _, key, _ in post.sent] == ["k1"]
    assert post.edited == [("m-k1", "done")]
    assert post.messages[-1].key == "k1"


def test_a_message_that_is_anothers_now_says_so(put: Any, run: Run, post: Any) -> None:
    """Edited in place, with the name; where nothing can be edited, in its thread."""
    for key, edits in (("k1", True), ("k3", False)):
        post.spec = replace(post.spec, edits=edits)
        put(notice(key), owed_by="u1")
        run()
        put(notice(f"{key}-over", purpose=Purpose.HANDED_OVER, step=-1), owed_by="u3")
        run()
        said = post.messages[-1]
        assert said.tone == "done"
        assert "Ines Prado" in said.body
    assert post.sent[-1] == ("mara@acme.example", "k3-over", "m-k1")


@pytest.mark.parametrize("waits", [False, True])
def test_the_end_of_a_case_is_sent_though_its_rule_was_removed(
    waits: bool, put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """By edit, or as a line of a digest: whoever had the first message has the last one too."""
    put(notice("k1"))
    run()
    held = {"state": NoticeState.HELD, "hold": Hold.DIGEST, "not_before": time.now()}
    over = notice("k2", purpose=Purpose.RESOLVE, step=-1, **(held if waits else {}))
    put(over, end=End.RETIRED, end_reason=because(ReasonCode.RULE_REMOVED))
    calm = Calendar("office", "UTC", parse_hours("mon-sun 00:00-24:00"))
    run(rules={}, attention=Attention(calendar=lambda _: calm))
    assert resolution_text.sentence(because(ReasonCode.RULE_REMOVED)) in post.messages[-1].body


def test_without_edits_the_end_is_a_message_of_its_own(put: Any, run: Run, post: Any) -> None:
    """Where a sink can neither edit nor thread, the end is told plainly."""
    post.spec = replace(post.spec, edits=False, threads=False)
    put(notice("k1"))
    run()
    put(
        notice("k2", purpose=Purpose.RESOLVE, step=-1),
        end=End.RESOLVED,
        end_reason=because(ReasonCode.STOPPED),
    )
    run()
    assert post.sent[-1] == ("mara@acme.example", "k2", None)


def test_a_plain_end_is_looked_up_before_it_is_repeated(
    store: SqlStore, put: Any, run: Run, post: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between sending and settling the end: found, not told twice."""
    post.spec = replace(post.spec, edits=False, threads=False)
    put(notice("k1"))
    run()
    put(
        notice("k2", purpose=Purpose.RESOLVE, step=-1),
        end=End.RESOLVED,
        end_reason=because(ReasonCode.STOPPED),
    )
    with monkeypatch.context() as patched:
        patched.setattr(
            type(store.outbox), "settle", lambda _self, _n: (_ for _ in ()).throw(Killed)
        )
        with pytest.raises(Killed):
            run()
    run()
    assert [key for _, key, _ in post.sent] == ["k1", "k2"]


def test_what_is_cured_meanwhile_is_not_sent(
    store: SqlStore, put: Any, run: Run, post: Any
) -> None:
    """A case that ended or was taken in hand drops its unsent notices, with the reason."""
    put(notice("k1"), end=End.RESOLVED, end_reason=because(ReasonCode.STOPPED))
    assert run().counts == {NoticeState.DROPPED: 1}
    assert states(store) == {"k1": (NoticeState.DROPPED, DropCode.CASE_ENDED)}
    put(notice("k2"), end=None, handling=Handling.ACKNOWLEDGED)
    run()
    assert states(store)["k2"] == (NoticeState.DROPPED, DropCode.HANDLED)
    assert post.sent == []


def test_an_end_whose_beginning_never_went_out_is_dropped(
    store: SqlStore, put: Any, run: Run, post: Any
) -> None:
    """Nobody hears "done" about something nobody was told."""
    put(
        notice("k2", purpose=Purpose.RESOLVE, step=-1),
        end=End.RESOLVED,
        end_reason=because(ReasonCode.STOPPED),
    )
    run()
    assert states(store) == {"k2": (NoticeState.DROPPED, DropCode.NOTHING_SENT)}
    assert post.sent == post.edited == []


def test_an_end_that_cannot_be_edited_is_sent_anew_once(put: Any, run: Run, post: Any) -> None:
    """Somebody deleted the message, or it is too old: the news comes as a new one, not in the
    thread of what is gone."""
    put(notice("k1"))
    run()
    put(
        notice("k2", purpose=Purpose.RESOLVE, step=-1),
        end=End.RESOLVED,
        end_reason=because(ReasonCode.STOPPED),
    )
    post.faults = [FatalError("Slack says message_not_found")]
    report = run()
    assert (report.counts, report.failures) == ({NoticeState.QUEUED: 1, NoticeState.SENT: 1}, ())
    assert run().counts == {}
    assert post.sent[1:] == [("mara@acme.example", "k2", None)]
    assert post.messages[-1].tone == "done"


def test_an_end_that_is_sent_anew_disturbs_like_any_message(
    put: Any, run: Run, post: Any, store: SqlStore, time: ManualTime
) -> None:
    """An edit rings nowhere, a new message does: at night it waits for the morning."""
    put(notice("k1"))
    run()
    time.advance(timedelta(hours=8))
    over = notice("k2", purpose=Purpose.RESOLVE, step=-1)
    put(over, end=End.RESOLVED, end_reason=because(ReasonCode.STOPPED))
    office = Calendar("office", "UTC", parse_hours("mon-fri 09:00-18:00"))
    post.faults = [FatalError("Slack says message_not_found")]
    run(attention=Attention(calendar=lambda _: office))
    assert (len(post.sent), states(store)["k2"]) == (1, (NoticeState.HELD, Hold.QUIET_HOURS))
    time.advance(timedelta(hours=10))
    run(attention=Attention(calendar=lambda _: office))
    assert post.sent[1:] == [("mara@acme.example", "k2", None)]


def test_who_left_hears_the_end_where_they_had_the_first(put: Any, run: Run, post: Any) -> None:
    """Their message is edited without looking them up; nobody in their place is messaged."""
    put(notice("k1"))
    run()
    post.strangers = {"mara@acme.example"}
    put(
        notice("k2", purpose=Purpose.RESOLVE, step=-1),
        end=End.RESOLVED,
        end_reason=because(ReasonCode.STOPPED),
    )
    assert run().counts == {NoticeState.SENT: 1}
    assert (len(post.sent), post.edited) == (1, [("m-k1", "done")])


def test_the_end_for_one_who_left_goes_to_their_stand_in_where_nothing_can_be_edited(
    put: Any, run: Run, post: Any
) -> None:
    """Once; not to a reader who has the news by a message of their own."""
    post.spec = replace(post.spec, edits=False, threads=False)
    put(notice("k1"))
    run()
    post.strangers = {"mara@acme.example"}
    put(
        notice("k2", purpose=Purpose.RESOLVE, step=-1),
        end=End.RESOLVED,
        end_reason=because(ReasonCode.STOPPED),
    )
    run()
    assert post.sent[1:] == [("#recruiting-ops", "k2", None)]


def test_an_end_that_failed_too_often_is_sent_anew_before_it_is_given_up(
    put: Any, run: Run, post: Any, time: ManualTime
) -> None:
    """The message may be what is broken, not the way to its reader."""
    put(notice("k1"))
    run()
    put(
        notice("k2", purpose=Purpose.RESOLVE, step=-1),
        end=End.RESOLVED,
        end_reason=because(ReasonCode.STOPPED),
    )
    for _ in range(TRIES):
        post.faults = [RetryableError("Slack says fatal_error")]
        run()
        time.advance(timedelta(days=1))
    assert post.sent[1:] == [("mara@acme.example", "k2", None)]
