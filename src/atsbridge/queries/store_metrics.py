"""What the store says of each account and of the workers, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily

from atsbridge.context import RunState

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from atsbridge.context import Services


class StoreMetrics:
    """A collector over the store."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        """Open cases, waiting messages and last runs of each account; workers and their queue."""
        yield from self._collect_runs()
        yield from self._collect_work()
        yield from self._collect_queue()

    def _collect_runs(self) -> Iterator[Metric]:
        runs = GaugeMetricFamily(
            "atsbridge_last_run_timestamp_seconds",
            "When a run was last at work on the account",
            labels=["account"],
        )
        successes = GaugeMetricFamily(
            "atsbridge_account_success_timestamp_seconds",
            "When a run last did all it had to do for the account",
            labels=["account"],
        )
        store = self._services.store
        for account in sorted(self._services.settings.accounts):
            state = RunState(store.run_state, account)
            if (at := state.read_last_run()) is not None:
                runs.add_metric([account], at.timestamp())
            if (at := state.read_success()) is not None:
                successes.add_metric([account], at.timestamp())
        yield from (runs, successes)

    def _collect_work(self) -> Iterator[Metric]:
        store = self._services.store
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
            for (rule, clock), number in store.cases.count_open_cases(account).items():
                cases.add_metric([account, rule, clock], number)
            for state, number in store.outbox.count_notices(account).items():
                notices.add_metric([account, state], number)
        yield from (cases, notices)

    def _collect_queue(self) -> Iterator[Metric]:
        queue = self._services.store.queue
        state = queue.read_state() if queue is not None else None
        if state is None:
            return
        yield GaugeMetricFamily("atsbridge_workers", "Workers that are alive", len(state.alive))
        jobs = GaugeMetricFamily(
            "atsbridge_queue_jobs", "Accounts in the queue of the workers", labels=["state"]
        )
        jobs.add_metric(["waiting"], state.waiting)
        jobs.add_metric(["running"], state.running)
        yield jobs
        yield GaugeMetricFamily(
            "atsbridge_queue_wait_seconds",
            "How long the account that was queued first has waited; 0 where none waits",
            state.longest_wait,
        )

    def describe(self) -> Iterator[Metric]:
        """Nothing: describing would read the store while a process starts."""
        yield from ()
