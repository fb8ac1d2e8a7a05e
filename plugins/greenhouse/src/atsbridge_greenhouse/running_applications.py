"""Remember which changed applications have not ended, until the list of rejections is read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

from atsbridge.api import HttpSession
from atsbridge_greenhouse.listing import changed
from atsbridge_greenhouse.lookups import read
from atsbridge_greenhouse.pipeline import runs
from atsbridge_greenhouse.values import Row, Scalar, ident

Window: TypeAlias = tuple[datetime, datetime]


class ChangedApplication(Row):
    """GET /v3/applications: whether an application has ended, and when it changed."""

    prospect: Scalar = None
    status: Scalar = None


class RunningApplications:
    """The running applications that changed since `rejection_details` was read.

    That list may fail or be denied for a while, and another process may read it then: it asks
    again for what changed before its own first window.
    """

    def __init__(self, session: HttpSession) -> None:
        self._session = session
        self._noted: Window | None = None  # one span of windows that follow each other
        self._changed_at: dict[str, Scalar] = {}  # id -> time of the change

    def note(self, window: Window, rows: Iterable[Row]) -> None:
        """Note running applications that changed in a window."""
        noted = self._noted or window
        if _meet(noted, window):  # a window of the past stands alone
            self._noted = min(noted[0], window[0]), max(noted[1], window[1])
        self._changed_at |= _times(rows)

    def take(self, window: Window | None) -> dict[str, Scalar]:
        """Id -> time of the change, of all that changed in the window or was noted; once."""
        found, noted = self._changed_at, self._noted
        if window is not None and noted is not None and _meet(noted, window):
            is_past = window[1] <= noted[1]  # the applications of the present are read before this
            if window[0] < noted[0] and not is_past:
                found = self._read(window[0], noted[0]) | found
            self._noted = None
        self._changed_at = {}
        return found

    def _read(self, begin: datetime, end: datetime) -> dict[str, Scalar]:
        pages = read(self._session, "applications", ChangedApplication, **changed(begin, end))
        return _times(row for page in pages for row in page if runs(row))


def _meet(one: Window, other: Window) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _times(rows: Iterable[Row]) -> dict[str, Scalar]:
    return {key: row.updated_at for row in rows if (key := ident(row.id))}
