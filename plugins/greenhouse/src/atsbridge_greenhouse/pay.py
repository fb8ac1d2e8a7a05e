"""The pay that is posted for a job: the ranges of its published posts, made one.

Budgets that are not published are custom fields, which an account maps; pay of offers is in
`pipeline`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from atsbridge.model.fragment import Fragment
from atsbridge_greenhouse.listing import listed
from atsbridge_greenhouse.values import Row, Scalar, own_id


class Range(Row):
    """GET /v3/pay_input_ranges; no member says for which span of time the money is."""

    job_post_id: Scalar = None
    min_cents: Scalar = None
    max_cents: Scalar = None
    currency_type: Scalar = None


class Posted(Row):
    """The same, gathered: `id` is the job's."""

    job_post_id: Scalar = None
    min_cents: Scalar = None
    max_cents: Scalar = None
    currency_type: Scalar = None
    ranges: Any = None  # of each: lowest, highest, currency


class Post(Row):
    """GET /v3/job_posts: the published ones, which is all that the list shows unasked."""

    job_id: Scalar = None


def pay(row: Posted) -> Iterable[Fragment]:
    """From the lowest to the highest of all posts; nothing where they differ in currency."""
    told = row.ranges if isinstance(row.ranges, list) else ()
    held = [one for one in told if isinstance(one, list) and len(one) == 3]
    currencies = {str(one[2]).upper() for one in held if one[2]}
    lows = [one[0] for one in held if isinstance(one[0], int)]
    highs = [one[1] for one in held if isinstance(one[1], int)]
    good = len(currencies) == 1
    values = {
        "pay_min": min(lows) / 100 if good and lows else None,
        "pay_max": max(highs) / 100 if good and highs else None,
        "pay_currency": currencies.pop() if good else None,
    }
    yield Fragment("requisition", own_id(row), values)


STREAM = listed(
    "pay_input_ranges",
    Posted,
    pay,
    {"requisition": ("pay_min", "pay_max", "pay_currency")},
    elsewhere=("ranges",),
    looks_up=("job_posts",),
    whole=False,  # its rows are jobs by the time they are stored
)
