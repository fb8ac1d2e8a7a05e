"""The ways a fake server can misbehave on demand.

How a fake answers when nothing is wrong is its own business.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HTML = b"<!doctype html><html><body><h1>We will be right back</h1></body></html>"


@dataclass(slots=True)
class Fault:
    """One way to misbehave, how often, and on which requests. See `Faults.add`."""

    match: re.Pattern[str]
    method: str = ""
    skip: int = 0
    times: int | None = 1
    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False
    truncate: bool = False
    hang: bool = False
    handled: bool = False
    delay: float = 0.0
    html: bool = False


class Faults:
    """What will go wrong next; the oldest fault that fits a request is used up by it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._faults: list[Fault] = []

    def add(
        self, match: str = "", times: int | None = 1, *, skip: int = 0, method: str = "", **how: Any
    ) -> Fault:
        """Misbehave on the next `times` (None: all) requests whose path the regex `match` finds.

        `skip` lets that many through first. How: `status`, `body` (bytes or JSON) and `headers`
        replace the answer; `html` answers a page for people; `drop` closes the connection without
        an answer; `truncate` sends half of the answer and closes; `hang` never answers; `delay`
        lets seconds pass on the fake clock first, and alone leaves the answer as it is.
        `handled`: the app has done its work before things go wrong, as when an answer is lost.
        """
        fault = Fault(re.compile(match), method, skip, times, **how)
        with self._guard:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Behave again."""
        with self._guard:
            self._faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault of this request, if it has one."""
        with self._guard:
            for fault in self._faults:
                if not fault.match.search(path) or fault.method not in ("", method):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                return fault
        return None
