"""Ratings of criteria: one row per scorecard, wherever the vendor's pages end."""

from __future__ import annotations

import msgspec
import pytest

from atsbridge_greenhouse.interviews import Scorecard
from atsbridge_greenhouse.ratings import STREAM, Ratings, gathered, handed_in


def _raw(id_: int, card: int | None, criterion: int, word: str | None) -> msgspec.Raw:
    row = {"id": id_, "scorecard_id": card, "job_candidate_attribute_id": criterion}
    return msgspec.Raw(msgspec.json.encode({**row, "candidate_attribute_rating": word}))


def test_the_rows_of_a_scorecard_become_one() -> None:
    """Each criterion by its id, in criteria's words; undecided and unknown ones are left out."""
    raws = [
        _raw(5, 70, 51, "strong_yes"),
        _raw(4, 71, 51, "mixed"),
        _raw(3, 70, 52, "definitely_not"),
        _raw(2, 70, 53, "no_decision"),
        _raw(1, 70, 54, "glorious"),
        _raw(0, None, 55, "yes"),
    ]
    rows = [msgspec.json.decode(raw, type=Ratings) for raw in gathered(raws)]
    found = {f.id: f.values for row in rows for f in STREAM.normalize(row)}
    assert found == {"70": {"ratings": {"51": 2, "52": -2}}, "71": {"ratings": {"51": 0}}}


def test_what_cannot_be_read_rates_nothing() -> None:
    """A broken row costs itself; a scorecard without rated criteria has none."""
    assert gathered([msgspec.Raw(b'{"id": {}}')]) == []
    (row,) = gathered([_raw(1, 70, 51, None)])
    (fragment,) = STREAM.normalize(msgspec.json.decode(row, type=Ratings))
    assert fragment.values == {"ratings": None}


@pytest.mark.parametrize(
    ("status", "wanted"), [("complete", True), ("draft", False), (None, False)]
)
def test_drafts_have_no_ratings_that_count(status: str | None, wanted: bool) -> None:
    """They are not asked for."""
    assert handed_in(Scorecard(id=1, status=status)) is wanted
