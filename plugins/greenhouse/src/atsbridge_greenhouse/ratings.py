"""The ratings of a scorecard: its rows grouped into one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from atsbridge.api import Fragment, Parent
from atsbridge_greenhouse.interviews import Scorecard
from atsbridge_greenhouse.listing import Completed, listed, read_by_ids
from atsbridge_greenhouse.values import Row, Scalar, ident, own_id, text

# Ratings of one criterion in v3; overall ratings have others (strong_no, no_decision).
_RATINGS = {"definitely_not": -2, "no": -1, "mixed": 0, "yes": 1, "strong_yes": 2}


class Ratings(Row):
    """GET /v3/scorecard_candidate_attributes, grouped: `id` is that of the scorecard."""

    scorecard_id: Scalar = None
    job_candidate_attribute_id: Scalar = None
    candidate_attribute_rating: Scalar = None
    given: Any = None  # criterion -> the vendor's rating


def gathered(raws: Iterable[Any]) -> Sequence[msgspec.Raw]:
    """One row per scorecard, in order of id; a row that cannot be decoded has no rating."""
    found: dict[str, dict[str, Scalar]] = {}
    for raw in raws:
        try:
            row = msgspec.json.decode(raw, type=Ratings)
        except msgspec.DecodeError:
            continue
        card, criterion = ident(row.scorecard_id), ident(row.job_candidate_attribute_id)
        if card and criterion:
            found.setdefault(card, {})[criterion] = row.candidate_attribute_rating
    return [
        msgspec.Raw(msgspec.json.encode({"id": card, "given": dict(sorted(given.items()))}))
        for card, given in sorted(found.items())
    ]


def ratings(row: Ratings) -> Iterable[Fragment]:
    """Criterion -> -2..2; one that was left undecided (`no_decision`) is not rated."""
    given = row.given if isinstance(row.given, dict) else {}
    sent = {key: str(value or "").lower() for key, value in given.items()}
    rated = {key: _RATINGS[value] for key, value in sent.items() if value in _RATINGS}
    yield Fragment("scorecard", own_id(row), {"ratings": rated or None})


def handed_in(row: Scorecard) -> bool:
    """Whether a changed scorecard was submitted, so that its ratings count."""
    return (text(row.status) or "").lower() == "complete"


STREAM = read_by_ids(
    listed(
        "scorecard_candidate_attributes",
        Ratings,
        ratings,
        {"scorecard": ("ratings",)},
        completed=Completed(("created_at", "updated_at", "given")),
    ),
    Parent("scorecards", param="scorecard_ids", batch=50, wanted=handed_in, skip_first_sync=True),
)
