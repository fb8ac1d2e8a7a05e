"""Close reasons and job posts. Both are derived: the company has neither."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from atsbridge_greenhouse.fake.identity import derived
from atsbridge_greenhouse.fake.truth import Entry, Json, Resource, Truth, members, stamped

REASONS = ("Hire - New Headcount", "Not filling this position", "Hire - Backfill")
_FOUNDED = datetime(2020, 1, 1, tzinfo=UTC)


def close_reason(opening: Any) -> int | None:
    """The id of the reason a closed opening has; a third of the filled ones have none."""
    place = int(opening.id) % 3
    if opening.status == "closed":
        return derived("close_reasons", 1, 1)
    if opening.status == "filled" and place:
        return derived("close_reasons", 1, 0 if place == 1 else 2)
    return None


def is_posted(requisition: Any) -> bool:
    """Whether it was ever opened: then its pay is public."""
    return requisition.opened_at is not None and requisition.pay_min is not None


def _reasons(_: Truth) -> Iterator[Entry]:
    for place in reversed(range(len(REASONS))):
        yield Entry(derived("close_reasons", 1, place), _FOUNDED, _FOUNDED, REASONS[place])


def _per_post(list_name: str) -> Any:
    """Two posts for each job, the second in another town and for less."""

    def rows(truth: Truth) -> Iterator[Entry]:
        for key in truth.newest("requisition"):
            job = truth.get("requisition", key)
            if job is not None and is_posted(job):
                for place in (1, 0):
                    at = derived(list_name, key, place)
                    yield Entry(at, job.created_at, job.updated_at, (job, place))

    return rows


def _post(_: Truth, entry: Entry) -> Json:
    job, place = entry.thing
    return stamped(
        entry,
        title=job.title,
        job_id=int(job.id),
        job_board_id=120,
        internal=False,
        active=True,
        live=True,
        featured=False,
        first_published_at=None,
        content="<p>Not for a machine to read.</p>",
        internal_content=None,
        language="en",
        public_url=f"https://boards.example/{entry.id}-{place}",
        demographic_question_set_id=None,
        questions=[],
    )


def _range(_: Truth, entry: Entry) -> Json:
    job, place = entry.thing
    low, high = int(job.pay_min * 100), int(job.pay_max * 100)
    middle = (low + high) // 2
    return stamped(
        entry,
        pay_input_id=44,
        job_post_id=derived("job_posts", job.id, place),
        min_cents=low if place else middle,
        max_cents=middle if place else high,
        currency_type=job.pay_currency,
    )


RESOURCES = (
    Resource(
        name="close_reasons",
        members=members("name"),
        rows=_reasons,
        build=lambda _, entry: stamped(entry, name=entry.thing),
    ),
    Resource(
        name="job_posts",
        members=members(
            "title job_id job_board_id internal active live featured first_published_at content "
            "internal_content language public_url demographic_question_set_id questions"
        ),
        rows=_per_post("job_posts"),
        build=_post,
        refs={"job_ids": "job_id", "job_board_ids": "job_board_id"},
        flags=("active", "live", "featured", "internal"),
    ),
    Resource(
        name="pay_input_ranges",
        members=members("pay_input_id job_post_id min_cents max_cents currency_type"),
        rows=_per_post("pay_input_ranges"),
        build=_range,
        refs={"pay_input_ids": "pay_input_id", "job_post_ids": "job_post_id"},
    ),
)
