"""Which messages of a plan are shown."""

from __future__ import annotations

from typing import Any

from atsbridge.model.notice import Destination, Hold, Notice, Purpose, hold_notice
from atsbridge.model.record import Key
from atsbridge.queries.planned_messages import SHADOW_SAMPLES, _choose_shadow, _is_shown


def notice(key: str, rule: str = "late", kind: str = "seat", **changes: Any) -> Notice:
    return Notice(
        key=key,
        account="acme",
        case=1,
        rule=rule,
        subject=Key("acme", kind, "1"),
        destination=Destination("slack", "person", "a@acme.example"),
        purpose=Purpose.SEND,
        **changes,
    )


def test_a_shadow_rule_is_shown_by_samples_and_others_whole() -> None:
    """A rule with hundreds of held messages would bury the few that are sent."""
    shadow = [hold_notice(notice(f"s{n}", "quiet"), Hold.SHADOW) for n in range(10)]
    live = [notice(f"l{n}") for n in range(10)]
    chosen, more = _choose_shadow([*shadow, *live])
    assert [one.key for one in chosen if one.rule == "quiet"] == ["s0", "s1", "s2"]
    assert len([one for one in chosen if one.rule == "late"]) == 10
    assert more == {"quiet": 10 - SHADOW_SAMPLES}


def test_what_is_found_of_a_person_is_left_out() -> None:
    """Nobody else may read it."""
    assert not _is_shown(notice("n", kind="user"))
    assert _is_shown(notice("n"))
