"""Webhooks as a connector parses them, and the part of the store that keeps their hints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RefreshHint:
    """The records that a webhook says have changed, for `Connector.refresh`.

    `key` is the same if a delivery is repeated. `at`: when it happened in UTC, if the vendor says.
    """

    kind: str
    ids: tuple[str, ...]
    key: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """One delivery as it arrived. `headers`: names in lower case. `body`: the bytes as received.

    `at`: when it arrived, in UTC.
    """

    headers: Mapping[str, str]
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSpec:
    """How an ATS sends webhooks.

    `parse(delivery, secret)` returns what to fetch now, () for a test or an event about nothing
    that is stored. It raises FatalError, which quotes nothing of the delivery, where the delivery
    is not signed with the secret, is too old, or is no webhook. `secret`: the name of the secret
    among the connector's settings; without a value no delivery is accepted. `events`: the vendor's
    names of the events that are of use. `setup`: where a person configures them, as the vendor
    calls the pages. `window`: how long a key is remembered: as long as the vendor tries again.
    """

    parse: Callable[[WebhookDelivery, str], Sequence[RefreshHint]]
    events: tuple[str, ...]
    setup: str
    window: timedelta
    secret: str = "webhook_secret"  # noqa: S105  the name of a setting


@dataclass(frozen=True, slots=True)
class ReceivedHints:
    """The hints of one genuine delivery to an account. `at`: when it arrived, in UTC."""

    account: str
    at: datetime
    hints: Sequence[RefreshHint] = ()


@dataclass(frozen=True, slots=True)
class PendingHint:
    """A hint that waits: the records to read again. `tries`: how often that failed."""

    number: int
    kind: str
    ids: tuple[str, ...]
    received_at: datetime
    tries: int = 0


@dataclass(frozen=True, slots=True)
class HintState:
    """What is known of an account's webhooks. Instants in UTC, None for never.

    `received`: genuine deliveries, tests and repeated ones included. `repeated`: their hints that
    were known already. `refusal`: why the last one was refused. `pending`: hints that wait.
    `missed`: new applications that runs found by polling since the last delivery.
    """

    received: int = 0
    received_at: datetime | None = None
    repeated: int = 0
    refused: int = 0
    refused_at: datetime | None = None
    refusal: str = ""
    pending: int = 0
    missed: int = 0


class HintStore(Protocol):
    """Hints of webhooks until their records were read again."""

    def receive(self, deliveries: Sequence[ReceivedHints], limit: int) -> Sequence[bool]:
        """Store the hints in one transaction; a hint whose key is known already changes nothing.

        Returns for each delivery whether it was stored: False where `limit` hints of its account
        wait already.
        """
        ...

    def note_refusal(self, account: str, at: datetime, why: str) -> None:
        """Count a delivery that was refused."""
        ...

    def note_polled(self, account: str, changes: int) -> None:
        """Count new applications that a run found in the lists."""
        ...

    def read_pending(self, account: str, limit: int) -> Sequence[PendingHint]:
        """The hints that wait, oldest first."""
        ...

    def count_pending(self) -> Mapping[str, int]:
        """Account -> hints that wait; accounts without one are left out."""
        ...

    def finish(self, account: str, numbers: Sequence[int], at: datetime) -> None:
        """The records of these hints were read; their keys stay known."""
        ...

    def fail(self, account: str, numbers: Sequence[int], most: int, at: datetime) -> None:
        """The records could not be read; a hint that failed `most` times is finished."""
        ...

    def forget_before(self, account: str, before: datetime) -> int:
        """Forget finished hints that arrived before that instant; returns how many."""
        ...

    def read_state(self, account: str) -> HintState:
        """What is known of the account's webhooks."""
        ...
