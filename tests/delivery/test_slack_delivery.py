"""Delivery to Slack over real HTTP: killed at the worst instant, repeated never."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import SecretStr

from atsbridge.cases.recipients import Directory
from atsbridge.delivery.delivery_env import DeliveryRequest
from atsbridge.delivery.delivery_run import deliver
from atsbridge.model.notice import Destination, Notice, NoticeState, Purpose
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.connector import Tools
from atsbridge.ports.decision_store import Decision
from atsbridge.rules.rule import Rule
from atsbridge.sandbox.chat.fake_slack import FakeSlack, serve
from atsbridge.sinks.slack.slack_sink import Slack, SlackSettings
from atsbridge.store.sql_store import SqlStore
from atsbridge.timesource import ManualTime

SEAT = Key("acme", "seat", "s1")
MARA = Destination(
    "post",
    "person",
    "mara@acme.example",
    "u1",
    (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
)


@dataclass(frozen=True)
class Member:
    name: str
    email: str
    tz: str = "Europe/Lisbon"


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def fake(time: ManualTime) -> Iterator[FakeSlack]:
    with serve((Member("Mara Lind", "mara@acme.example"),), time) as served:
        yield served


@pytest.fixture
def slack(fake: FakeSlack, time: ManualTime) -> Iterator[Slack]:
    settings = SlackSettings(token=SecretStr(fake.token), base_url=fake.url)
    opened = Slack(settings, Tools("slack", time))
    yield opened
    opened.close()


@pytest.mark.parametrize("purpose", [Purpose.SEND, Purpose.FOLLOW_UP])
def test_a_kill_between_send_and_settle_leaves_one_message(
    purpose: Purpose,
    store: SqlStore,
    slack: Slack,
    fake: FakeSlack,
    rules: dict[str, Rule],
    directory: Directory,
    time: ManualTime,
    given: tuple[Any, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether it opens a thread or answers in one: looked up by key, settled, not sent again."""

    def tick() -> None:
        deliver(DeliveryRequest("acme", store, {"post": slack}, rules, directory, time))

    def queue(key: str, purpose: Purpose) -> None:
        plain = Notice(
            key=key,
            account="acme",
            case=0,
            rule="feedback-late",
            subject=SEAT,
            destination=MARA,
            purpose=purpose,
            step=1,
            created_at=time.now(),
        )
        cases = store.cases.read_cases("acme") or [given[1]()]
        store.cases.save_decision(
            Decision(account="acme", at=time.now(), cases=cases, notices=[plain])
        )

    if purpose is Purpose.FOLLOW_UP:
        queue("first", Purpose.SEND)
        tick()
    queue("8f21c0", purpose)

    def killed(_store: SqlStore, _notice: Notice) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(type(store.outbox), "settle", killed)
        with pytest.raises(Killed):
            tick()
    tick()
    keys = [m["metadata"]["event_payload"]["key"] for m in fake.dms("mara@acme.example")]
    assert keys.count("8f21c0") == 1
    kept = {n.key: n for n in store.outbox.read_notices("acme")}["8f21c0"]
    assert kept.state is NoticeState.SENT
    assert kept.receipt["ts"] == fake.dms("mara@acme.example")[-1]["ts"]
