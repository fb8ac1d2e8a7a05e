"""Whose interviews are looked for, and when: by the stages of a candidate and what happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from atsbridge_lever.connector import Lever
from atsbridge_lever.opportunities import Glimpse
from atsbridge_lever.organization import StageRow, leads_to_interviews
from atsbridge_lever.wire import ms

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
MET = "screen"  # a stage that usually has interviews: any id that is not built in


def candidate(
    stage: str,
    *stays: tuple[str, datetime],
    last: datetime,
    archived: datetime | None = None,
    id_: str = "opp-1",
) -> Glimpse:
    row: dict[str, Any] = {
        "id": id_,
        "stage": stage,
        "stageChanges": [{"toStageId": to, "updatedAt": int(ms(at))} for to, at in stays],
        "lastInteractionAt": int(ms(last)),
        "archived": {"archivedAt": int(ms(archived)), "reason": "r"} if archived else None,
    }
    return msgspec.json.decode(msgspec.json.encode(row), type=Glimpse)


@pytest.fixture
def looks(lever: Lever) -> Any:
    """Whether interviews of a candidate are looked for when their row changes."""
    lever._stages._stages = {}  # none are known: built-in ones are early, all others are not
    return lambda row, at=NOW: lever._stages._may_meet(row, row.stage, at)


def test_nobody_is_asked_for_where_nothing_happened(looks: Any) -> None:
    """Coming to a stage moves the activity clock, by a few milliseconds more or less."""
    for stage in ("applicant-new", MET):
        at = NOW - DAY
        assert not looks(candidate(stage, (stage, at), last=at + SECOND / 4))
        assert looks(candidate(stage, (stage, at), last=at + 5 * SECOND))


def test_who_was_in_a_stage_with_interviews_stays_of_interest(looks: Any) -> None:
    """Moved back to the beginning, or long ago: what was booked there may still be owed."""
    stays = (("applicant-new", NOW - 90 * DAY), (MET, NOW - 80 * DAY), ("lead-new", NOW - 70 * DAY))
    assert looks(candidate("lead-new", *stays, last=NOW - 70 * DAY))


def test_an_early_candidate_is_looked_at_once_a_week_after_a_quiet_month(looks: Any) -> None:
    """In half a day of every week, each in another: a scan does not miss it."""
    at = NOW - 60 * DAY
    quiet = [
        candidate("applicant-new", ("applicant-new", at), last=at + DAY, id_=f"opp-{n}")
        for n in range(200)
    ]
    hours = [NOW + timedelta(hours=4 * n) for n in range(7 * 6)]
    turns = [[looks(row, hour) for hour in hours] for row in quiet]
    assert all(3 <= sum(turn) <= 4 for turn in turns)
    at_once = [sum(looks(row, hour) for row in quiet) for hour in hours]
    assert max(at_once) < 40
    assert looks(candidate("applicant-new", ("applicant-new", at), last=NOW - 20 * DAY))


def test_an_early_candidate_who_ended_is_looked_at_for_three_days(looks: Any) -> None:
    """Archiving is an interaction: thousands of old ones are not asked for."""
    at = NOW - 200 * DAY
    for ended, asked in ((NOW - DAY, True), (NOW - 5 * DAY, False)):
        row = candidate("applicant-new", ("applicant-new", at), last=ended, archived=ended)
        assert looks(row) is asked


def test_a_row_that_does_not_tell_its_stages_is_looked_at(looks: Any) -> None:
    """What nobody can tell is asked for."""
    assert looks(candidate("applicant-new", last=NOW - DAY))


@pytest.mark.parametrize(
    ("stage", "mapped", "leads"),
    [
        ({"pipeline": "applicant", "hasInterview": True}, {}, True),
        ({"pipeline": "applicant", "hasInterview": False, "text": "New applicant"}, {}, False),
        ({"pipeline": "applicant", "hasInterview": False, "text": "Manager review"}, {}, True),
        ({"pipeline": "applicant", "text": "Kennenlernen"}, {"Kennenlernen": "screen"}, True),
        ({"pipeline": "applicant", "text": "Manager review"}, {"Manager review": "lead"}, False),
        ({"pipeline": "onsite", "text": "Zzz"}, {}, True),
        ({"text": "New lead"}, {}, False),
        ({"text": "Team Lead Interview"}, {}, True),
        ({}, {}, True),
    ],
)
def test_which_stages_usually_have_interviews(
    stage: dict[str, Any], mapped: dict[str, str], leads: bool
) -> None:
    """The vendor's own word first, then what the stage is, as the account says or by its name."""
    row = msgspec.json.decode(msgspec.json.encode({"id": "s", **stage}), type=StageRow)
    assert leads_to_interviews(row, mapped) is leads
