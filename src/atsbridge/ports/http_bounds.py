"""How much of an outside host is believed: bounds of one account's or sink's HTTP.

An account sets them as `max_response`, `max_request_time`, `max_wait` and `max_pages`.
"""

from __future__ import annotations

from dataclasses import dataclass

RESPONSE = 64 * 2**20  # bytes; the largest pages seen (500 applications with answers) have 10 MB
REQUEST = 120.0  # seconds; four times the read time-out, so a slow vendor still gets its tries
WAIT = 120.0  # seconds; Greenhouse's window has 30 and Lever's bucket refills in 2
PAGES = 100_000  # of a list: 10 million records at 100 a page, three times the largest simulated


@dataclass(frozen=True, slots=True)
class Bounds:
    """`response`: bytes of one body, packed or unpacked. `pages`: of one reading of a list.

    `request`: seconds from asking to the last byte, after which it is not tried again either.
    `wait`: seconds a rate limit may keep a run waiting at a time; who asks for more is asked
    again by the next run.
    """

    response: int = RESPONSE
    request: float = REQUEST
    wait: float = WAIT
    pages: int = PAGES
