"""The published pay of a job: one range over all its published posts.

Budgets that are not published are custom fields, which an account maps.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from atsbridge.api import Fragment, currency_code, from_cents, in_order
from atsbridge_greenhouse.listing import Completed, listed, partly
from atsbridge_greenhouse.values import Row, Scalar, own_id


class Range(Row):
    """GET /v3/pay_input_ranges; no member gives the period of the amounts."""

    job_post_id: Scalar = None
    min_cents: Scalar = None
    max_cents: Scalar = None
    currency_type: Scalar = None


class Posted(Row):
    """The ranges of a job, grouped: `id` is that of the job."""

    job_post_id: Scalar = None
    min_cents: Scalar = None
    max_cents: Scalar = None
    currency_type: Scalar = None
    ranges: Any = None  # of each: lowest, highest, currency


class Post(Row):
    """GET /v3/job_posts: published ones, which is the list's default."""

    job_id: Scalar = None


def pay(row: Posted) -> Iterable[Fragment]:
    """From the lowest to the highest of all posts; nothing where they differ in currency,
    and nothing in one that is not divided into a hundred: what "cents" of it are nobody says."""
    ranges = row.ranges if isinstance(row.ranges, list) else ()
    held = [one for one in ranges if isinstance(one, list) and len(one) == 3]
    currencies = {currency_code(one[2]) for one in held}
    currency = currencies.pop() if len(currencies) == 1 else None
    ends = [in_order(*(from_cents(end, currency) for end in one[:2])) for one in held]
    lows = [low for low, _ in ends if low is not None]
    highs = [high for _, high in ends if high is not None]
    values = {
        "pay_min": min(lows, default=None),
        "pay_max": max(highs, default=None),
        "pay_currency": currency,
    }
    yield Fragment("requisition", own_id(row), values)


STREAM = partly(  # its rows are grouped by job when they are stored
    listed(
        "pay_input_ranges",
        Posted,
        pay,
        {"requisition": ("pay_min", "pay_max", "pay_currency")},
        completed=Completed(("ranges",), ("job_posts",)),
    )
)
