"""Limits on what an HTTP host may send, per account or sink.

Settings of an account: `max_response`, `max_request_time`, `max_wait` and `max_pages`.
"""

from __future__ import annotations

from dataclasses import dataclass

RESPONSE = 64 * 2**20  # bytes; the largest pages seen (500 applications with answers) have 10 MB
REQUEST = 120.0  # seconds; four times the read time-out, so a slow vendor still gets its tries
WAIT = 120.0  # seconds; Greenhouse's window has 30 and Lever's bucket refills in 2
PAGES = 100_000  # of a list: 10 million records at 100 a page, three times the largest simulated


@dataclass(frozen=True, slots=True)
class HttpBounds:
    """The limits of one host.

    `response`: bytes of one body, compressed or decompressed. `request`: seconds from the start of
    a request to its last byte, retries included. `wait`: seconds that a run waits for a rate limit
    at a time; a longer wait is left to the next run. `pages`: the most pages of one list.
    """

    response: int = RESPONSE
    request: float = REQUEST
    wait: float = WAIT
    pages: int = PAGES
