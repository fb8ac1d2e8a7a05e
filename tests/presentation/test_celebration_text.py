"""Good news names both and the panel, with the facts of the search, and no pay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from atsbridge.model import Case, Clock, Destination, Found, Key, Notice, Purpose
from atsbridge.presentation import MessageContext, SearchFacts, SideCount, render
from atsbridge.rules.compile.discovery import builtin_folder
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS

NOW = datetime(2026, 3, 9, 10, tzinfo=UTC)
OFFER = Key("acme", "offer", "o1")
FACTS: dict[str, Any] = {
    "candidate.display_name": "Sara Ortiz",
    "candidate.initials": "S.O.",
    "offer.resolved_at": datetime(2026, 3, 6, 21, tzinfo=UTC),
    "requisition.opened_at": datetime(2026, 1, 25, tzinfo=UTC),
    "requisition.title": "Data Engineer",
    "requisition.hiring_manager": "u3",
    "requisition.recruiter": "u2",
    "requisition.confidential": False,
}
WHOLE = SearchFacts(
    panel=("u1", "u3"),
    market_days=45.0,
    kept=(SideCount("recruiter", 9, 10), SideCount("manager", 7, 8)),
)


def _text(directory: Any, search: SearchFacts) -> str:
    pack = (builtin_folder() / "celebration.yaml").read_text("utf-8")
    kinds = {kind.name: kind for kind in BUILTIN_KINDS}
    rule = load([("celebration.yaml", pack)], kinds).rules["hire-made"]
    notice = Notice(
        key="k",
        account="acme",
        case=1,
        rule="hire-made",
        subject=OFFER,
        destination=Destination("slack", "person", "ravi@acme.example", "u2"),
        purpose=Purpose.SEND,
        step=1,
    )
    case = Case(number=1, rule="hire-made", subject=OFFER, opened_at=NOW, clock=Clock.WARNED)
    context = replace(MessageContext(directory, NOW), find_search=lambda _subject: search)
    return render(rule, notice, case, Found(*OFFER, FACTS), context).body


def test_the_whole_search(directory: Any) -> None:
    """The pair is not on its own panel; both sides are shown alike."""
    manager, recruiter, panel = (directory.name(one) for one in ("u3", "u2", "u1"))
    assert _text(directory, WHOLE) == (
        "Sara Ortiz accepted on Fri 6 Mar, 40 days after opening; the market takes 45 days."
        f" Thanks, {manager} and {recruiter}, and {panel} on the panel."
        " Kept on time: recruiter's side 9 of 10, manager's side 7 of 8."
    )


@pytest.mark.parametrize("search", [SearchFacts(), SearchFacts(panel=("u3",))])
def test_what_is_not_known_is_left_out(directory: Any, search: SearchFacts) -> None:
    text = _text(directory, search)
    assert "40 days after opening. Thanks," in text
    for absent in ("market", "panel", "Kept", "not yet known"):
        assert absent not in text
