"""The server's own figures for Prometheus, and what the store says of each account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from atsbridge.queries import StoreMetrics

if TYPE_CHECKING:
    from atsbridge.context import Services

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class LiveMetrics:
    """The figures of one server process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._store: StoreMetrics | None = None
        self._requests = Counter(
            "atsbridge_http_requests",
            "Requests that were answered",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "atsbridge_http_request_seconds",
            "How long answers took",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )

    def count_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request. `route`: a pattern, of which there are few."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def watch(self, services: Services) -> None:
        """Add what the store says of the accounts, in the place of what was added before."""
        if self._store is not None:
            self.registry.unregister(self._store)
        self._store = StoreMetrics(services)
        self.registry.register(self._store)

    def render(self) -> bytes:
        """All figures in the text format of Prometheus."""
        return generate_latest(self.registry)
