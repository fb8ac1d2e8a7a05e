"""The metrics of a run as a Prometheus textfile, for node_exporter's textfile collector.

The file is replaced as a whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from atsbridge.context import AccountSummary, Services, SharedRunState, Summary


class Sample(NamedTuple):
    """One figure: name, what it is, labels, value."""

    name: str
    help: str
    labels: Mapping[str, str]
    value: float


def publish(app: Services, summary: Summary, path: Path, now: datetime) -> None:
    """Write the figures of this tick to `path`. OSError where it cannot be."""
    text = exposition([*_tick(summary, now), *_accounts(app, summary, now)])
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, "utf-8")
        beside.chmod(0o644)  # the collector is another user
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def exposition(samples: Iterable[Sample]) -> str:
    """The text format 0.0.4: each name once with its help, its samples below."""
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(sample.name, []).append(sample)
    lines = []
    for name, its in sorted(groups.items()):
        lines += [f"# HELP {name} {its[0].help}", f"# TYPE {name} gauge"]
        lines += [f"{name}{_labels(one.labels)} {one.value:.15g}" for one in its]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    escape = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
    return (
        "{" + ",".join(f'{key}="{value.translate(escape)}"' for key, value in labels.items()) + "}"
    )


def _tick(summary: Summary, now: datetime) -> Iterator[Sample]:
    yield Sample(
        "atsbridge_tick_timestamp_seconds", "When the last tick ended", {}, now.timestamp()
    )
    yield Sample("atsbridge_tick_exit_code", "How it ended: 0 is fine", {}, summary.exit_code)
    yield Sample("atsbridge_tick_failures", "What failed in it", {}, len(summary.failures))


def _accounts(app: Services, summary: Summary, now: datetime) -> Iterator[Sample]:
    run_state = SharedRunState(app.store.run_state)
    good = run_state.read_success_times()
    for done in summary.accounts:
        if not (done.locked or done.failures or done.rule_error):
            good[done.account] = now.timestamp()
    run_state.write_success_times(good)
    for done in summary.accounts:
        yield from _account(app, done, good.get(done.account))


def _account(app: Services, done: AccountSummary, good: float | None) -> Iterator[Sample]:
    name = {"account": done.account}
    if good is not None:
        text = "When a tick last did all it had to do for the account"
        yield Sample("atsbridge_account_success_timestamp_seconds", text, name, good)
    if not done.locked:
        text = "How long the last tick took for the account"
        yield Sample("atsbridge_account_duration_seconds", text, name, done.seconds)
        text = "Requests the last tick sent to the ATS"
        yield Sample("atsbridge_account_requests", text, name, done.requests)
        text = "What failed for the account in the last tick"
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
    for state_name, count in app.store.outbox.count_notices(done.account).items():
        labels = {**name, "state": state_name}
        text = "Messages in the outbox by state; dead ones were given up"
        yield Sample("atsbridge_notices", text, labels, count)
