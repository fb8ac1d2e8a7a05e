"""Read again what webhooks said has changed. A lost hint costs time only: runs find the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from atsbridge.context import AccountContext, AccountSummary
from atsbridge.errors import AtsbridgeError, StoreError
from atsbridge.ports import PendingHint, StreamStatus
from atsbridge.sync import SyncTarget, refresh

AT_ONCE = 500  # hints of one run; a bulk change is read in several
TRIES = 5  # of one hint; then the next sync of its list finds the change
_APPLICATION = "application"


class HintRefresh:
    """The hints of one account in one run, under its lock."""

    def __init__(self, context: AccountContext, done: AccountSummary) -> None:
        self.context, self.account, self.done = context, context.account, done
        self.hints = context.store.hints

    def run(self) -> int:
        """Read the records of the hints that wait; returns how many hints were finished.

        Raises StoreError. Any other error leaves its hints waiting for the next run.
        """
        waiting = self.hints.read_pending(self.account, AT_ONCE)
        by_kind: dict[str, list[PendingHint]] = {}
        for one in waiting:
            by_kind.setdefault(one.kind, []).append(one)
        return sum(self._refresh(kind, its) for kind, its in by_kind.items())

    def _refresh(self, kind: str, hints: Sequence[PendingHint]) -> int:
        context, now = self.context, self.context.time.now()
        ids = list(dict.fromkeys(id_ for one in hints for id_ in one.ids))
        numbers = [one.number for one in hints]
        target = SyncTarget(
            self.account,
            context.connector,
            context.store.records,
            context.account_map,
            context.fetch_time,
        )
        before = target.connector.requests
        try:
            refresh(target, kind, ids)
        except StoreError:
            raise
        except AtsbridgeError:
            self.hints.fail(self.account, numbers, TRIES, now)
            return 0
        finally:
            self.done.requests += target.connector.requests - before
        self.hints.finish(self.account, numbers, now)
        return len(numbers)


def note_polled_changes(context: AccountContext, streams: Sequence[Mapping[str, Any]]) -> None:
    """Count the new applications that a sync found, so that a vendor that sends no webhook any more
    is noticed.

    A new application is what every vendor sends an event for. `streams`: as in the summary.
    """
    names = {one.name for one in context.spec.streams if next(iter(one.owns), "") == _APPLICATION}
    found = sum(
        int(one["new"])
        for one in streams
        if one["stream"] in names and one["status"] == StreamStatus.GOOD
    )
    if found and context.store.hints.read_state(context.account).received:
        context.store.hints.note_polled(context.account, found)
