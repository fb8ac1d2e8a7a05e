"""Delivery killed at random instants: nothing lost, and nothing repeated where keys are found."""

from __future__ import annotations

import multiprocessing
import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pydantic import SecretStr

from atsbridge.cases.recipients import Directory
from atsbridge.delivery.delivery_env import DeliveryRequest
from atsbridge.delivery.delivery_run import deliver
from atsbridge.model.case import Case, Clock
from atsbridge.model.notice import Destination, Notice, NoticeState, NoticeText, Purpose
from atsbridge.model.query import Found, Query
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.connector import Tools
from atsbridge.ports.decision_store import Decision
from atsbridge.ports.sink import Sink
from atsbridge.rules.compile.discovery import builtin_folder
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.rule import Rule
from atsbridge.sandbox.chat.fake_slack import FakeSlack, serve
from atsbridge.shared_clock import SharedClock
from atsbridge.sinks.slack.slack_sink import Slack, SlackSettings
from atsbridge.sinks.webhook import Webhook, WebhookSettings
from atsbridge.store.sql_store import SqlStore, open_store

# Children of a fork have no threads of the servers, and need none.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
PEOPLE = 150
STOCK = 60  # notices that wait while somebody kills
PURPOSES = (Purpose.SEND, Purpose.WEEKLY, Purpose.SEND, Purpose.PULSE)
READERS = frozenset(f"p{number}@acme.example" for number in range(PEOPLE))  # all agreed to figures


class Shelf(SqlStore):
    """The real store, except that every subject has the same few facts."""

    def select(
        self, account: str, query: Query, *, ids: Sequence[str] | None = None, **_: Any
    ) -> Iterator[Found]:
        known = {"requisition.title": "Data Engineer", "candidate.initials": "B.K."}
        for one in ids or ():
            yield Found(account, query.subject, one, {p: known.get(p) for p in query.columns})


@dataclass(frozen=True)
class Member:
    name: str
    email: str
    tz: str = "Europe/Lisbon"


class Door:
    """A webhook that keeps what comes: how often each key was there."""

    def __init__(self) -> None:
        self.keys: Counter[str] = Counter()
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                door.keys[self.headers["webhook-id"]] += 1
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@dataclass
class Post:
    """An outbox that is delivered by processes which may die; `made`: the keys put into it."""

    folder: Path
    slack: FakeSlack
    door: Door
    store: Shelf
    made: list[str] = field(default_factory=list)

    def fill(self, sink: str) -> None:
        """Put notices into it until there is a stock again: reminders, each on a case of its own,
        weekly messages and pulses."""
        alive = (NoticeState.QUEUED, NoticeState.RETRY, NoticeState.SENDING)
        missing = STOCK - len(self.store.outbox.read_notices("acme", states=alive))
        cases, notices = [], []
        for _ in range(max(missing, 0)):
            number = len(self.made)
            subject, key = Key("acme", "seat", f"s{number}"), f"{number:024x}"
            self.made.append(key)
            to = Destination(
                sink,
                "person",
                f"p{number % PEOPLE}@acme.example",
                None,
                (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
            )
            purpose = PURPOSES[number % len(PURPOSES)]
            if purpose is Purpose.SEND:
                cases.append(_case(subject))
                notices.append(_notice(key, subject, to))
            else:
                notices.append(_to_a_pair(key, to, purpose))
        self.store.cases.save_decision(
            Decision(account="acme", at=NOW, cases=cases, notices=notices)
        )

    def deliver(self, sink: str) -> multiprocessing.process.BaseProcess:
        """A process that delivers what waits."""
        work = multiprocessing.get_context("fork").Process(target=self._deliver, args=(sink,))
        work.start()
        return work

    def _deliver(self, sink: str) -> None:
        time = SharedClock(self.folder / "clock")
        store = Shelf(open_store(self.url, time)._database)
        tools = Tools(sink, time)
        with store.lock("acme"):
            deliver(
                DeliveryRequest(
                    "acme",
                    store,
                    {sink: self._sink(sink, tools)},
                    RULES,
                    _directory(sink),
                    time,
                    sharers=READERS,
                )
            )
        os._exit(0)

    def _sink(self, sink: str, tools: Tools) -> Sink:
        if sink == "slack":
            token = SecretStr(self.slack.token)
            return Slack(SlackSettings(token=token, base_url=self.slack.url), tools)
        secret = SecretStr("a secret of the sandbox")
        return Webhook(
            WebhookSettings(url=SecretStr(self.door.url), secret=secret, people=True), tools
        )

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'store.db'}"

    def came(self, sink: str) -> Counter[str]:
        """How often each key arrived."""
        if sink == "hook":
            return self.door.keys
        said = (message for _, message in self.slack.everything())
        return Counter(str(one["metadata"]["event_payload"]["key"]) for one in said)


def _rules() -> Mapping[str, Rule]:
    text = (builtin_folder() / "responsiveness.yaml").read_text("utf-8")
    return load([("responsiveness.yaml", text)], {kind.name: kind for kind in BUILTIN_KINDS}).rules


RULES = _rules()


def _directory(sink: str) -> Directory:
    ops = Destination(sink, "channel", "#recruiting-ops")
    return Directory(users={}, teams={}, ops=ops, sinks=(sink,))


def _case(subject: Key) -> Case:
    return Case(
        number=0,
        rule="feedback-late",
        subject=subject,
        opened_at=NOW,
        clock=Clock.BREACHED,
        due_at=NOW,
        steps_done=(0, 1),
    )


def _notice(key: str, subject: Key, to: Destination) -> Notice:
    return Notice(
        key=key,
        account="acme",
        case=0,
        rule="feedback-late",
        subject=subject,
        destination=to,
        purpose=Purpose.SEND,
        step=1,
        created_at=NOW,
    )


def _to_a_pair(key: str, to: Destination, purpose: Purpose) -> Notice:
    """A message to one of a pair about no case; its text was made when it was queued."""
    return Notice(
        key=key,
        account="acme",
        case=0,
        rule="",
        subject=Key("acme", "account", "acme"),
        destination=to,
        purpose=purpose,
        created_at=NOW,
        pair=(to.address, "p0@acme.example"),
        text=NoticeText("Your week", f"Message {key}."),
    )


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    people = [Member(f"Person {n}", f"p{n}@acme.example") for n in range(PEOPLE)]
    time = SharedClock(tmp_path / "clock", NOW)
    door = Door()
    store = Shelf(open_store(f"sqlite:///{tmp_path / 'store.db'}", time)._database)
    with serve(people, time) as slack:
        yield Post(tmp_path, slack, door, store)
    store.close()
    door.close()
    time.close()


def kill(post: Post, sink: str, kills: int, seed: int) -> int:
    """Deliver, and kill it after a random share of what a few messages take; how many died."""
    rng, died, runs = random.Random(seed), 0, 0
    clock = post.slack.time
    assert isinstance(clock, SharedClock)
    while died < kills:
        runs += 1
        post.fill(sink)
        clock.advance(clock.now() + timedelta(minutes=10))
        before, wanted = sum(post.came(sink).values()), rng.randint(0, 4)
        work = post.deliver(sink)
        while work.is_alive() and sum(post.came(sink).values()) < before + wanted:
            work.join(timeout=rng.uniform(0.001, 0.01))
        work.join(timeout=rng.uniform(0.0, 0.02))
        if work.is_alive():
            work.kill()
            died += 1
        work.join()
        assert work.exitcode in (0, -9)
        assert runs < 3 * kills
    clock.advance(clock.now() + timedelta(minutes=10))
    last = post.deliver(sink)
    last.join()
    assert last.exitcode == 0
    return died


def held_to_its_word(post: Post, sink: str, kills: int, seed: int, repeats: int) -> None:
    """Every notice is sent and arrived; at most so many came twice, none more than that."""
    assert kill(post, sink, kills, seed) == kills
    states = {notice.key: notice.state for notice in post.store.outbox.read_notices("acme")}
    assert states == dict.fromkeys(post.made, NoticeState.SENT)
    came = post.came(sink)
    assert set(came) == set(post.made)
    sent = Counter(notice.purpose for notice in post.store.outbox.read_notices("acme"))
    assert set(sent) == set(PURPOSES)
    assert sum(came.values()) - len(came) <= repeats


def test_a_few_kills_lose_and_repeat_nothing_where_keys_are_found(post: Post) -> None:
    """Slack is asked for the key before anything is sent again."""
    held_to_its_word(post, "slack", 5, seed=1, repeats=0)


def test_a_few_kills_repeat_at_most_themselves_elsewhere(post: Post) -> None:
    """A webhook cannot be asked: a kill may repeat what it cut off, and loses nothing."""
    held_to_its_word(post, "hook", 5, seed=1, repeats=5)


@pytest.mark.torture
@pytest.mark.timeout(2400)
@pytest.mark.parametrize(("sink", "repeats"), [("slack", 0), ("hook", 200)])
def test_two_hundred_kills_of_delivery(post: Post, sink: str, repeats: int) -> None:
    """At random instants: 0 lost, repeats at most the kills, 0 where keys can be looked up."""
    held_to_its_word(post, sink, 200, seed=7, repeats=repeats)
