"""The Slack sink in a process that lives for weeks, used by several threads."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from atsbridge.ports.connector import Tools
from atsbridge.sandbox.chat.fake_slack import FakeSlack, serve
from atsbridge.sinks.slack.slack_sink import Slack, SlackSettings
from atsbridge.timesource import ManualTime

from .test_slack_sink import MESSAGE, OPS, Member


@pytest.fixture
def time() -> ManualTime:
    return ManualTime(datetime(2026, 3, 9, 16, 5, tzinfo=UTC))


@pytest.fixture
def fake(time: ManualTime) -> Iterator[FakeSlack]:
    with serve((Member("Mara Lind", "mara@acme.example"),), time, closed=("leadership",)) as served:
        yield served


@pytest.fixture
def slack(fake: FakeSlack, time: ManualTime) -> Iterator[Slack]:
    settings = SlackSettings(token=SecretStr(fake.token), base_url=fake.url)
    opened = Slack(settings, Tools("chat", time))
    yield opened
    opened.close()


def test_who_joins_slack_is_reached_without_a_restart(
    slack: Slack, fake: FakeSlack, time: ManualTime
) -> None:
    """Nobody with that address now does not mean nobody for ever."""
    assert slack.find_address("nora@acme.example") is None
    fake._users["U000099"] = Member("Nora Holm", "nora@acme.example", "Europe/Oslo")
    time.advance(timedelta(minutes=11))
    assert slack.find_address("nora@acme.example") == "U000099"
    assert slack.find_zone("nora@acme.example") == "Europe/Oslo"
    fake._left.add("U000099")
    time.advance(timedelta(days=1, minutes=1))
    assert slack.find_address("nora@acme.example") is None


def test_threads_post_to_one_channel_at_its_pace(
    slack: Slack, fake: FakeSlack, time: ManualTime
) -> None:
    """Nobody posts while another thread waits for the second to pass."""
    together = threading.Barrier(4)

    def post(number: int) -> None:
        together.wait(10)
        slack.send(OPS, replace(MESSAGE, key=f"k{number}"))

    before = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(post, range(4)))
    assert len(fake.messages("recruiting-ops")) == 4
    assert time.monotonic() - before == 3.0


def test_two_threads_keep_what_each_of_them_found(fake: FakeSlack, time: ManualTime) -> None:
    """The channel that one thread looked up does not overwrite that of another."""
    kept: dict[str, bytes] = {}
    other, intruded = threading.Event(), threading.Event()

    def keep(key: str, value: bytes) -> None:
        if not other.is_set():
            other.set()
            intruded.wait(0.3)  # seconds in which the other thread could write first
        else:
            intruded.set()
        kept[key] = value

    tools = Tools("chat", time, recall=kept.get, keep=keep)
    settings = SlackSettings(token=SecretStr(fake.token), base_url=fake.url)
    opened = Slack(settings, tools)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(opened._channels.channel, "recruiting-ops")
        assert other.wait(10)
        pool.submit(opened._channels.channel, "leadership").result()
        first.result()
    opened.close()
    (stored,) = kept.values()
    assert set(json.loads(stored)) == {"recruiting-ops", "leadership"}
