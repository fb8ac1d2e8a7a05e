"""Why a step that was not taken was not, in the words of `explain`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from atsbridge.model.case import Case, Clock, End, Handling
from atsbridge.model.record import Key
from atsbridge.model.verdict import State, Verdict
from atsbridge.presentation.explanation_text import waits
from atsbridge.rules.compile import discovery
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS

NOW = datetime(2026, 3, 9, 16, tzinfo=UTC)
SUBJECT = Key("acme", "seat", "1")
FOLDER = discovery.builtin_folder()
RULE = load(
    discovery.texts([FOLDER / "responsiveness.yaml"], FOLDER),
    {kind.name: kind for kind in BUILTIN_KINDS},
).rules["feedback-late"]
CASE = Case(number=1, rule=RULE.id, subject=SUBJECT, opened_at=NOW, clock=Clock.BREACHED)
PAST, AHEAD = NOW - timedelta(hours=1), NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("status", "at", "state", "case", "muted", "said"),
    [
        ("live", PAST, State.BREACHED, CASE, "", "reached: the next run takes it"),
        ("shadow", PAST, State.BREACHED, CASE, "", "reached: the next run takes it"),
        ("live", AHEAD, State.RUNNING, None, "", "to come"),
        ("live", AHEAD, State.RUNNING, None, "silenced by me", "to come"),
        ("live", PAST, State.BREACHED, CASE, "silenced by me", "held: silenced by me"),
        ("draft", PAST, State.BREACHED, None, "", "not watched: the rule is draft"),
        ("live", None, State.PAUSED, CASE, "", "held: the clock stands still"),
        ("live", PAST, State.PAUSED, CASE, "", "held: the clock stands still"),
        ("live", PAST, State.KEPT, None, "", "not taken: kept"),
        ("live", None, State.UNKNOWN, CASE, "", "held: what the rule needs cannot be read now"),
        (
            "live",
            PAST,
            State.BREACHED,
            replace(CASE, handling=Handling.SNOOZED),
            "",
            "held: snoozed",
        ),
        (
            "live",
            PAST,
            State.BREACHED,
            replace(CASE, end=End.RESOLVED),
            "",
            "not taken: the case was resolved",
        ),
    ],
)
def test_a_step_says_why_it_waits(
    status: str, at: datetime | None, state: State, case: Case | None, muted: str, said: str
) -> None:
    """The first reason that holds, from what ends a case to what merely holds a message."""
    verdict = Verdict(rule=RULE.id, subject=SUBJECT, at=NOW, state=state)
    assert waits(replace(RULE, status=status), at, verdict, case, muted) == said
