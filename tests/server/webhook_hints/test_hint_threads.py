"""The threads behind webhooks outlive every fault: nothing else would start them again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.ports import ReceivedHints
from atsbridge.server.webhook_hints import hint_worker
from atsbridge.server.webhook_hints.hint_worker import HintWorker
from atsbridge.server.webhook_hints.hint_writer import HintWriter
from atsbridge.timesource import SystemTime

DELIVERY = ReceivedHints("acme", datetime(2026, 3, 9, tzinfo=UTC))


class SlowStore:
    """Stores once it is let go; raises the next of `errors` in place of storing."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.errors: list[BaseException] = []
        self.received = 0

    def receive(self, deliveries: list[ReceivedHints], _pending: int) -> list[bool]:
        self.begun.set()
        assert self.go.wait(10)
        if self.errors:
            raise self.errors.pop()
        self.received += len(deliveries)
        return [True] * len(deliveries)


@pytest.fixture
def store() -> SlowStore:
    return SlowStore()


@pytest.fixture
def writer(store: SlowStore) -> Iterator[HintWriter]:
    made = HintWriter(store)  # type: ignore[arg-type]
    made.start()
    yield made
    store.go.set()
    made.stop()


def test_a_delivery_nobody_waits_for_does_not_end_the_thread(
    writer: HintWriter, store: SlowStore
) -> None:
    """The vendor was told to try again while the store was slow: before its turn or during it."""
    first = writer.submit(DELIVERY)
    assert store.begun.wait(10)
    second = writer.submit(DELIVERY)
    assert not first.cancel(), "it is being stored"
    assert second.cancel()
    third = writer.submit(DELIVERY)
    store.go.set()
    assert third.result(10) is True
    assert first.result(0) is True
    assert store.received == 2


def test_no_fault_of_the_store_ends_the_thread(writer: HintWriter, store: SlowStore) -> None:
    """Also what ends a wait at the end of a process, and a wrong number of answers."""
    store.go.set()
    for error in (OSError("disk"), KeyboardInterrupt(), ValueError("length")):
        store.errors.append(error)
        assert isinstance(writer.submit(DELIVERY).exception(10), type(error))
    assert writer.submit(DELIVERY).result(10) is True


def test_a_log_that_takes_no_line_does_not_end_the_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A full disk, while the account cannot be read: it is tried again."""
    served = threading.Semaphore(0)

    def refuse(*_: Any) -> None:
        served.release()
        raise OSError("the network")

    def note(_line: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(hint_worker, "refresh_hinted", refuse)
    monkeypatch.setattr(hint_worker, "_BUSY", 0.01)
    hints = SimpleNamespace(count_pending=lambda: {"acme": 1}, forget_before=lambda *_: None)
    services: Any = SimpleNamespace(store=SimpleNamespace(hints=hints), time=SystemTime())
    accounts: Any = {"acme": SimpleNamespace(spec=SimpleNamespace(window=hint_worker.timedelta(1)))}
    worker = HintWorker(services, accounts, SystemTime(), note)
    worker.start()
    tries = [served.acquire(timeout=10) for _ in range(3)]
    worker.stop()
    assert tries == [True] * 3


def test_a_server_may_end_while_its_worker_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """`stop` comes between the making of the thread and its start."""
    services: Any = SimpleNamespace(store=None)
    worker = HintWorker(services, {}, SystemTime(), lambda _: None)
    stops: list[Future[None]] = []

    class SlowThread(threading.Thread):
        def start(self) -> None:
            stops.append(others.submit(worker.stop))
            wait(stops, timeout=0.1)
            super().start()

    with ThreadPoolExecutor(1) as others:
        monkeypatch.setattr(hint_worker, "threading", SimpleNamespace(Thread=SlowThread))
        worker.start()
        assert stops[0].result(10) is None
