"""Whether a notice still applies, and what changes once it may have arrived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from atsbridge.model.case import End
from atsbridge.model.notice import DropCode, Hold, Notice, NoticeState, Purpose
from atsbridge.model.reason import ReasonCode, because
from atsbridge.rules.rule import Rule
from atsbridge.store.sql_store import SqlStore

from .conftest import notice, states

KILLED = {"departed": True, "state": NoticeState.SENDING}
TRIED = pytest.mark.parametrize("tried", [KILLED, {"attempts": 1}], ids=["killed", "failed"])


@pytest.fixture
def changed(put: Any, run: Any, rules: dict[str, Rule]) -> Callable[[str], None]:
    """Run once after something about the case or its rule has changed."""
    shadow = {name: replace(one, status="shadow") for name, one in rules.items()}

    def go(change: str) -> None:
        if change == "ended":
            put(end=End.RESOLVED, end_reason=because(ReasonCode.STOPPED))
        options = {
            "shadow": {"rules": shadow},
            "suppressed": {"suppress": lambda _case, _rule: "silenced"},
        }
        run(**options.get(change, {}))

    return go


def arrived(post: Any, **tried: Any) -> Notice:
    """A notice of an earlier run that was killed after its message had arrived."""
    post.sent.append(("mara@acme.example", "k1", None))
    return notice("k1", **tried)


def test_a_reminder_of_a_rule_that_is_in_no_pack_is_dropped(
    store: SqlStore, put: Any, run: Any, post: Any
) -> None:
    """Its case is still there; nobody is reminded by a rule that nobody wrote."""
    put(notice("k1"))
    run(rules={})
    assert states(store)["k1"] == (NoticeState.DROPPED, DropCode.CASE_ENDED)
    assert post.sent == []


@pytest.mark.parametrize("stopped", [False, True])
def test_a_reminder_of_a_case_that_was_erased_is_dropped(
    store: SqlStore, put: Any, run: Any, post: Any, stopped: bool
) -> None:
    """Though its rule is there; it does not wait for the correction of a rule with an error."""
    put(notice("k0", purpose=Purpose.RESOLVE))
    put(notice("k1", case=99))
    run(is_stopped=lambda _rule: stopped)
    assert states(store)["k1"] == (NoticeState.DROPPED, DropCode.CASE_ENDED)
    assert post.sent == []


@TRIED
@pytest.mark.parametrize("change", ["shadow", "suppressed", "ended"])
def test_what_may_have_arrived_is_looked_up_whatever_changed_since(
    store: SqlStore, put: Any, post: Any, changed: Any, change: str, tried: dict[str, Any]
) -> None:
    """It is kept as sent, with its receipt; else the end of the case could not be told there."""
    put(arrived(post, **tried))
    changed(change)
    assert states(store)["k1"][0] is NoticeState.SENT
    assert len(post.sent) == 1
    assert post.looked == 1


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ("shadow", (NoticeState.HELD, Hold.SHADOW)),
        ("suppressed", (NoticeState.HELD, Hold.SUPPRESSED)),
        ("ended", (NoticeState.DROPPED, DropCode.CASE_ENDED)),
    ],
)
def test_what_cannot_have_arrived_is_not_sent_any_more(
    store: SqlStore, put: Any, post: Any, changed: Any, change: str, state: Any
) -> None:
    """The same changes, before the first try."""
    put(notice("k1"))
    changed(change)
    assert states(store)["k1"] == state
    assert post.sent == []
