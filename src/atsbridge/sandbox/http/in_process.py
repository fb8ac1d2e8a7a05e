"""A vendor without a network: responses are made in the process, behind a rate limit, on one clock.

For sizes at which sockets would dominate the measured time.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from atsbridge.sandbox.http.fake_rate_limits import RateLimit
from atsbridge.timesource import TimeSource

Query = Mapping[str, list[str]]


class InProcessAdapter(BaseAdapter):
    """Replaces the network of a `requests.Session`.

    `answer(path, query)` returns the body of a 200; a request beyond the limit gets 429. Each
    response takes `latency` seconds of `time`. Safe for threads.
    """

    def __init__(
        self,
        answer: Callable[[str, Query], bytes],
        limit: RateLimit,
        time: TimeSource,
        *,
        latency: float = 0.0,
    ) -> None:
        super().__init__()
        self._answer = answer
        self._limit = limit
        self._time = time
        self._latency = latency
        self._guard = threading.Lock()
        self.statuses: Counter[int] = Counter()

    @property
    def sent(self) -> int:
        """The number of requests, refused ones included."""
        return sum(self.statuses.values())

    def open_session(self) -> requests.Session:
        """A session that uses this adapter for every address."""
        session = requests.Session()
        session.mount("https://", self)
        session.mount("http://", self)
        return session

    def send(
        self, request: requests.PreparedRequest, *_args: Any, **_how: Any
    ) -> requests.Response:
        """The vendor's response."""
        allowance = self._limit.take()
        status, body = 429, b"{}"
        if allowance.granted:
            parts = urlsplit(request.url or "")
            status, body = 200, self._answer(parts.path, parse_qs(parts.query))
        with self._guard:
            self.statuses[status] += 1
        if self._latency:
            self._time.sleep(self._latency)
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = status, request.url or "", request
        answer.headers.update(allowance.headers)
        answer.raw = HTTPResponse(BytesIO(body), preload_content=False, status=status)
        return answer

    def close(self) -> None:
        """Nothing to close."""
