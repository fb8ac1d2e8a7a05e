"""What every page needs: contexts of accounts, access of readers, names and times."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from atsbridge.context import AccountContext, Services
from atsbridge.model import Sensitivity
from atsbridge.queries import AccountAccess, Viewer, read_access
from atsbridge.report import PageTime, ReaderNames
from atsbridge.settings import OFFICE
from atsbridge.worktime import FALLBACK_ZONE

FRESH = 10.0  # seconds; a run changes the store every few minutes
_READERS = 2000  # whose access is remembered at once


class PageNotFoundError(Exception):
    """There is nothing to show, or the reader may not see it: both look the same."""


@dataclass(slots=True)
class LiveData:
    """The store as pages read it. Threads may share it; nothing here holds an account's lock.

    `clock`: seconds that never go back.
    """

    services: Services
    clock: Callable[[], float]
    _access: OrderedDict[tuple[str, str, bool], tuple[float, AccountAccess]] = field(
        default_factory=OrderedDict
    )
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def accounts(self) -> list[str]:
        """All accounts in order of name."""
        return sorted(self.services.settings.accounts)

    def context(self, account: str) -> AccountContext:
        """The account as it is now. PageNotFoundError where it is not configured."""
        if account not in self.services.settings.accounts:
            raise PageNotFoundError
        return AccountContext(self.services, account)

    def contexts(self) -> Iterator[AccountContext]:
        """Every account as it is now."""
        return (self.context(account) for account in self.accounts)

    def access(self, context: AccountContext, viewer: Viewer) -> AccountAccess:
        """What the viewer may see; as it was at most FRESH seconds ago."""
        key = (context.account, viewer.email, viewer.ops)
        with self._guard:
            known = self._access.get(key)
        if known is not None and self.clock() - known[0] < FRESH:
            return known[1]
        found = read_access(context, viewer)
        with self._guard:
            self._access[key] = self.clock(), found
            self._access.move_to_end(key)
            while len(self._access) > _READERS:
                self._access.popitem(last=False)
        return found

    def names(self, context: AccountContext) -> ReaderNames:
        """How people are called, by the clearance of [report]."""
        clearance = self.services.settings.report.clearance
        return ReaderNames(context.users, Sensitivity[clearance.upper()])

    def time(self, context: AccountContext, zone: str = "") -> PageTime:
        """Instants in a zone; else in that of the account."""
        zone = zone or context.section.timezone or FALLBACK_ZONE
        return PageTime(zone, self.services.time.now())

    def reader_time(self, context: AccountContext, access: AccountAccess) -> PageTime:
        """Instants in the zone of the reader, where it is known."""
        if access.user is None:
            return self.time(context)
        return self.time(context, context.calendars.of(access.user, OFFICE).zone)
