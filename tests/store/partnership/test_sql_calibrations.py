"""Calibration rounds on both databases; ratings end with the candidate and with their time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from atsbridge.model.calibration import CalibrationRound, ProfileRating
from atsbridge.model.notice import Destination, Notice, NoticeState, Purpose
from atsbridge.model.record import Key

from ..conftest import NOON

KEY = Key("acme", "requisition", "r1")
ROUND = CalibrationRound(KEY, 1, NOON, ("a2", "a1"), {"recruiter": "u1", "hiring_manager": "u2"})
RATINGS = [
    ProfileRating("a1", "u1", 4, "remark-zq-strong"),
    ProfileRating("a1", "u2", 2, "remark-zq-weak"),
    ProfileRating("a2", "u1", 5),
]


def begin(store: Any) -> CalibrationRound:
    store.calibrations.add_round(ROUND)
    store.calibrations.save_ratings(ROUND, RATINGS)
    return ROUND


def test_a_round_is_read_as_it_was_stored(store: Any) -> None:
    """In the order of the profiles; the newer rating of a person counts."""
    begin(store)
    store.calibrations.add_round(replace(ROUND, number=2, profiles=("a1", "a3")))
    assert store.calibrations.read_rounds(KEY)[0] == ROUND
    assert [one.number for one in store.calibrations.read_rounds(KEY)] == [1, 2]
    again = ProfileRating("a1", "u1", 3, "second thought")
    store.calibrations.save_ratings(ROUND, [again])
    found = store.calibrations.read_ratings(ROUND)
    assert found == [again, RATINGS[1], RATINGS[2]]
    assert store.calibrations.read_ratings(replace(ROUND, number=2)) == []
    store.calibrations.mark_compared(ROUND, NOON)
    assert store.calibrations.read_rounds(KEY)[0].compared_at == NOON


def test_a_forgotten_candidate_takes_the_ratings_along(store: Any, feed: Any) -> None:
    """The other profile stays; messages that showed the profile are counted as sent."""
    feed.page("candidate", {"id": "c1", "display_name": "Kim"}, {"id": "c2", "display_name": "Bo"})
    feed.page(
        "application",
        *({"id": f"a{n}", "candidate": f"c{n}", "requisition": "r1"} for n in (1, 2)),
    )
    begin(store)
    shown = Notice(
        key="k1",
        account="acme",
        case=0,
        rule="",
        subject=KEY,
        destination=Destination("slack", "person", "ravi@acme.example", "u1"),
        purpose=Purpose.CALIBRATION,
        state=NoticeState.SENT,
        created_at=NOON,
        sent_at=NOON,
        edition=1,
    )
    store.outbox.queue([shown, replace(shown, key="k2", edition=2)])
    erased = store.privacy.forget("acme", "c1", NOON)
    assert erased.rows["calibration ratings"] == 2
    assert erased.sent == {"slack": 1}
    assert store.calibrations.read_ratings(ROUND) == [RATINGS[2]]
    assert store.calibrations.read_rounds(KEY)[0].profiles == ("a2",)


def test_ratings_end_with_the_retention(store: Any) -> None:
    """Those of a round that began before, whatever became of it; younger ones stay."""
    begin(store)
    younger = replace(ROUND, number=2, begun_at=NOON + timedelta(days=9))
    store.calibrations.add_round(younger)
    store.calibrations.save_ratings(younger, RATINGS)
    store.privacy.expire("acme", NOON + timedelta(days=1))
    assert [one.number for one in store.calibrations.read_rounds(KEY)] == [2]
    assert store.calibrations.read_ratings(ROUND) == []
    assert len(store.calibrations.read_ratings(younger)) == len(RATINGS)


def test_versions_of_a_closed_requisition_end_with_the_retention(store: Any, feed: Any) -> None:
    """Those of an open one stay, however old."""
    from .test_sql_briefs import agreement, version

    feed.page(
        "requisition",
        {"id": "r1", "status": "open", "closed_at": None},
        {"id": "r2", "status": "closed", "closed_at": NOON - timedelta(days=1)},
    )
    gone = Key("acme", "requisition", "r2")
    for key in (KEY, gone):
        store.briefs.save_version(version(1, requisition=key))
        store.briefs.add_agreement(key, agreement(1, "recruiter"))
    store.privacy.expire("acme", NOON)
    assert len(store.briefs.read_versions(KEY)) == 1
    assert store.briefs.read_versions(gone) == []
    assert store.briefs.read_agreements(gone) == []
