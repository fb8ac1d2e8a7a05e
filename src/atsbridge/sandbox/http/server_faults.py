"""Faults that a fake server produces on demand."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HTML = b"<!doctype html><html><body><h1>We will be right back</h1></body></html>"


@dataclass(slots=True)
class Fault:
    """One fault, how often, and on which requests. See `Faults.add`."""

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
    """The planned faults; the oldest one that matches a request is used first."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._faults: list[Fault] = []

    def add(
        self, match: str = "", times: int | None = 1, *, skip: int = 0, method: str = "", **how: Any
    ) -> Fault:
        """Add a fault for the next `times` (None: all) requests whose path matches the regex
        `match`.

        `skip`: that many matching requests are answered normally first. `status`, `body` (bytes or
        JSON) and `headers` replace the response; `html` returns an HTML page; `drop` closes the
        connection without a response; `truncate` sends half of the response and closes; `hang`
        never responds; `delay` lets seconds pass on the fake clock first, and alone does not change
        the response. `handled`: the app processes the request before the fault, as when a response
        is lost.
        """
        fault = Fault(re.compile(match), method, skip, times, **how)
        with self._guard:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Remove all faults."""
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
