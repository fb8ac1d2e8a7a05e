"""What a worker publishes besides its log: the metrics of the store, and the ping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry

from atsbridge.context import Services
from atsbridge.errors import StoreError
from atsbridge.queries import StoreMetrics
from atsbridge.tick import ping_monitor, replace_metrics
from atsbridge.timesource import TimeSource
from atsbridge.workers.account_server import AccountServer


@dataclass(slots=True)
class WorkerReports:
    """Called in a thread, now and then. `note`: writes a line of the log."""

    services: Services
    server: AccountServer
    time: TimeSource
    note: Callable[[Mapping[str, Any]], None]
    _pinged: float = field(default=float("-inf"))

    def publish(self) -> None:
        """Write the metrics. Ping once a round; a failure since the last ping goes with it."""
        if problem := self._write_metrics():
            self.note({"action": "metrics", "level": "warning", "what": problem})
        now = self.time.monotonic()
        if now - self._pinged < self.services.settings.worker.every.total_seconds():
            return
        self._pinged = now
        good, self.server.failed = not self.server.failed, False
        failed = ping_monitor(self.services, good=good)
        if failed:
            self.note({"action": "ping", "level": "warning", "what": failed})

    def _write_metrics(self) -> str:
        """Replace the metrics file, if one is wanted; what went wrong, or ""."""
        file = self.services.settings.run.metrics_file
        if not file:
            return ""
        registry = CollectorRegistry()
        registry.register(StoreMetrics(self.services))
        try:
            replace_metrics(registry, self.services.settings.path(file))
        except OSError as error:
            return f"the metrics cannot be written: {error.strerror}"
        except StoreError as error:
            return f"the metrics cannot be counted: {error.what}"
        return ""
