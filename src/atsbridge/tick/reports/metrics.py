"""The metrics of a run as a Prometheus textfile, for node_exporter's textfile collector.

The file is replaced as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from atsbridge.context import AccountSummary, RunState, Services, Summary
from atsbridge.outputfile import replace_file

_READABLE = 0o644  # the collector is another user


class Sample(NamedTuple):
    """One value of a gauge, with the help of the gauge."""

    name: str
    help: str
    labels: Mapping[str, str]
    value: float


class _RunCollector(Collector):
    """The samples as gauges: each name once with its help, in order of name."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._samples = tuple(samples)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges."""
        families: dict[str, GaugeMetricFamily] = {}
        for one in self._samples:
            family = families.setdefault(
                one.name, GaugeMetricFamily(one.name, one.help, labels=list(one.labels))
            )
            family.add_metric(list(one.labels.values()), one.value)
        yield from (families[name] for name in sorted(families))


def publish(app: Services, summary: Summary, path: Path, now: datetime) -> None:
    """Write the figures of this run to `path`. OSError where it cannot be written."""
    registry = CollectorRegistry()
    registry.register(_RunCollector([*_tick(summary, now), *_accounts(app, summary, now)]))
    replace_metrics(registry, path)


def replace_metrics(registry: CollectorRegistry, path: Path) -> None:
    """Replace the file by the figures of the registry. OSError where it cannot be written."""
    replace_file(path, generate_latest(registry), _READABLE)


def _tick(summary: Summary, now: datetime) -> Iterator[Sample]:
    yield Sample("atsbridge_tick_timestamp_seconds", "When the last run ended", {}, now.timestamp())
    yield Sample(
        "atsbridge_tick_exit_code", "Exit code of the last run: 0 is fine", {}, summary.exit_code
    )
    yield Sample("atsbridge_tick_failures", "Failures in the last run", {}, len(summary.failures))


def _accounts(app: Services, summary: Summary, now: datetime) -> Iterator[Sample]:
    for done in summary.accounts:
        good = now if done.is_good else RunState(app.store.run_state, done.account).read_success()
        yield from _account(app, done, good)


def _account(app: Services, done: AccountSummary, good: datetime | None) -> Iterator[Sample]:
    name = {"account": done.account}
    if good is not None:
        text = "When a run last did all it had to do for the account"
        yield Sample("atsbridge_account_success_timestamp_seconds", text, name, good.timestamp())
    if not done.locked:
        text = "How long the last run took for the account"
        yield Sample("atsbridge_account_duration_seconds", text, name, done.seconds)
        text = "Requests of the last run to the ATS"
        yield Sample("atsbridge_account_requests", text, name, done.requests)
        text = "Failures of the last run for the account"
        yield Sample("atsbridge_account_failures", text, name, len(done.failures))
    for state in app.store.records.read_states(done.account).values():
        if state.read_at is not None:
            text = "When a list of the ATS was last read to its end"
            labels = {**name, "stream": state.stream}
            at = state.read_at.timestamp()
            yield Sample("atsbridge_stream_read_timestamp_seconds", text, labels, at)
    for (rule, clock), count in app.store.cases.count_open_cases(done.account).items():
        labels = {**name, "rule": rule, "clock": clock}
        yield Sample("atsbridge_open_cases", "Open cases by rule and clock", labels, count)
    for rule, count in app.store.cases.count_backlog(done.account).items():
        text = "Open cases in the backlog by rule: nobody is reminded of them"
        yield Sample("atsbridge_backlog_cases", text, {**name, "rule": rule}, count)
    for state_name, count in app.store.outbox.count_notices(done.account).items():
        labels = {**name, "state": state_name}
        text = "Notices by state; dead ones were given up"
        yield Sample("atsbridge_notices", text, labels, count)
