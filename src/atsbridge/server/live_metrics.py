"""The server's own figures for Prometheus, and what the store says of each account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from atsbridge.context import Services

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class LiveMetrics:
    """The figures of one server process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
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
        """Add what the store says of the accounts, read when it is asked for."""
        self.registry.register(_StoreFigures(services))

    def render(self) -> bytes:
        """All figures in the text format of Prometheus."""
        return generate_latest(self.registry)


class _StoreFigures:
    """A collector over the store."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        """Open cases and waiting messages of each account, and when a run was last at work."""
        from atsbridge.context import RunState

        store = self._services.store
        runs = GaugeMetricFamily(
            "atsbridge_last_run_timestamp_seconds",
            "When a run was last at work on the account",
            labels=["account"],
        )
        cases = GaugeMetricFamily(
            "atsbridge_open_cases",
            "Open cases by rule and clock",
            labels=["account", "rule", "clock"],
        )
        notices = GaugeMetricFamily(
            "atsbridge_notices",
            "Messages in the outbox by state; dead ones were given up",
            labels=["account", "state"],
        )
        for account in sorted(self._services.settings.accounts):
            if (at := RunState(store.run_state, account).read_last_run()) is not None:
                runs.add_metric([account], at.timestamp())
            for (rule, clock), number in store.cases.count_open_cases(account).items():
                cases.add_metric([account, rule, clock], number)
            for state, number in store.outbox.count_notices(account).items():
                notices.add_metric([account, state], number)
        yield from (runs, cases, notices)

    def describe(self) -> Iterator[Metric]:
        """Nothing: describing would read the store while the server starts."""
        yield from ()
