"""The way round the network: the vendor's limit holds on it, and an answer takes its time."""

from __future__ import annotations

from datetime import UTC, datetime

from atsbridge.sandbox.http.fake_rate_limits import RateBucket
from atsbridge.sandbox.http.in_process import InProcessAdapter
from atsbridge.timesource import ManualTime

START = datetime(2026, 3, 2, tzinfo=UTC)


def test_it_answers_by_path_and_query_and_takes_its_time() -> None:
    """Each answer lets the latency pass on the given clock; addresses lead nowhere else."""
    time = ManualTime(START)
    vendor = InProcessAdapter(
        lambda path, query: f"{path} {query['a']}".encode(),
        RateBucket(10, 20, time),
        time,
        latency=0.25,
    )
    answer = vendor.open_session().get("https://vendor.invalid/v1/rows?a=1&a=2", timeout=1)
    assert (answer.status_code, answer.text) == (200, "/v1/rows ['1', '2']")
    assert time.slept == [0.25]


def test_its_limit_forgives_nothing() -> None:
    """What is over the burst is refused, and counted."""
    time = ManualTime(START)
    vendor = InProcessAdapter(lambda _path, _query: b"{}", RateBucket(10, 2, time), time)
    wire = vendor.open_session()
    said = [wire.get("https://vendor.invalid/", timeout=1).status_code for _ in range(3)]
    assert said == [200, 200, 429]
    assert (vendor.sent, vendor.statuses[429]) == (3, 1)
