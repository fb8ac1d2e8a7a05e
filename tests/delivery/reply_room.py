"""A person who answers messages in a fake Slack, and the runs that read the answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from atsbridge.app.composition_root import open_services
from atsbridge.context.account_context import AccountContext
from atsbridge.context.run_summary import AccountSummary
from atsbridge.context.services import Services
from atsbridge.model.notice import Destination, Notice, Purpose
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.sandbox.chat.fake_slack import FakeSlack, serve
from atsbridge.store.sql_store import SqlStore
from atsbridge.tick.delivery_stage import deliver_notices
from atsbridge.timesource import ManualTime

SEAT = Key("acme", "seat", "s1")
MARA, RAVI = "mara@acme.example", "ravi@acme.example"


CONFIG = """
[accounts.acme]
connector = "greenhouse"
base_url = "http://127.0.0.1:9/v3"
client_id = "x"
client_secret = "x"
[sinks.slack]
kind = "slack"
base_url = "{url}"
token = "{token}"
{more}
[teams.recruiting_ops]
sink = "slack"
to = "channel:#recruiting-ops"
[notify]
dm = ["slack"]
ops = "recruiting_ops"
quiet_hours = ""
"""


@dataclass(frozen=True)
class Member:
    name: str
    email: str
    tz: str = "Europe/Lisbon"


@pytest.fixture
def slack(time: ManualTime) -> Iterator[FakeSlack]:
    with serve((Member("Mara Lind", MARA), Member("Ravi Sen", RAVI)), time) as served:
        yield served


@pytest.fixture
def sink_settings() -> str:
    """Further lines of the sink's section."""
    return ""


@pytest.fixture
def app(
    slack: FakeSlack, store: SqlStore, time: ManualTime, tmp_path: Path, sink_settings: str
) -> Iterator[Services]:
    config = tmp_path / "atsbridge.toml"
    text = CONFIG.format(url=slack.url, token=slack.token, more=sink_settings)
    config.write_text(text, "utf-8")
    with open_services(config, time) as app:
        yield replace(app, open_store=lambda: store)


@dataclass
class Room:
    """One open case, and what goes on about it in Slack."""

    app: Services
    slack: FakeSlack
    store: SqlStore
    given: Any

    def tell(self, to: str = MARA, key: str = "k1", **more: Any) -> tuple[str, str]:
        """A message on the case goes out; (channel, ts)."""
        kind = "person" if "@" in to else "channel"
        notice = Notice(
            key=key,
            account="acme",
            case=0,
            rule="feedback-late",
            subject=SEAT,
            destination=Destination(
                "slack",
                kind,
                to,
                "u1" if to == MARA else None,
                (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
            ),
            purpose=Purpose.SEND,
            step=1,
            created_at=self.app.time.now(),
        )
        cases = self.store.cases.read_cases("acme") or [self.given[1]()]
        notice = replace(notice, **more)
        now = self.app.time.now()
        self.store.cases.save_decision(
            Decision(account="acme", at=now, cases=cases, notices=[notice])
        )
        self.tick()
        receipt = self.notices()[key].receipt
        return receipt["channel"], receipt["ts"]

    def tick(self) -> AccountSummary:
        done = AccountSummary("acme")
        context = AccountContext(self.app, "acme")
        context.unknown_fields = frozenset()
        deliver_notices(context, done, None, look_first=False)
        return done

    def notices(self) -> dict[str, Notice]:
        return {one.key: one for one in self.store.outbox.read_notices("acme")}

    def history(self) -> list[tuple[str, str]]:
        (case,) = self.store.cases.read_cases("acme")
        return [(row.name, row.actor) for row in self.store.cases.read_transitions(case.number)]

    def replies(self, email: str = MARA) -> list[str]:
        """What the bot said back."""
        said = self.slack.dms(email)
        return [m["text"] for m in said if m.get("thread_ts") and m.get("bot_id")]


@pytest.fixture
def room(app: Services, slack: FakeSlack, store: SqlStore, given: Any) -> Room:
    return Room(app, slack, store, given)
