"""A store with given facts, the built-in rules, a directory, and a sink that keeps what it gets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from atsbridge.cases.recipients import Directory
from atsbridge.delivery.delivery_env import DeliveryRequest
from atsbridge.delivery.delivery_report import DeliveryReport
from atsbridge.delivery.delivery_run import deliver
from atsbridge.model.case import Case, Clock
from atsbridge.model.notice import (
    Destination,
    DropCode,
    Hold,
    Message,
    Notice,
    NoticeState,
    Purpose,
    Receipt,
)
from atsbridge.model.organization import User
from atsbridge.model.query import Found, Query
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.ports.sink import Sink, SinkSpec
from atsbridge.rules.compile.discovery import builtin_folder
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.rule import Rule
from atsbridge.store.database.connection import Database
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.store.sql_subjects import SqlSubjects
from atsbridge.timesource import ManualTime

from .reply_room import app, room, sink_settings, slack

__all__ = ["app", "room", "sink_settings", "slack"]

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)  # a Monday
SEAT = Key("acme", "seat", "s1")
APPLICATION = Key("acme", "application", "a1")

SEAT_FACTS = {
    "interview.ends_at": datetime(2026, 3, 6, 16, tzinfo=UTC),
    "interview.application": "a1",
    "seat.user": "u1",
    "candidate.initials": "B.K.",
    "requisition.title": "Data Engineer",
    "requisition.code": "REQ-104",
    "requisition.confidential": False,
    "requisition.recruiter": "u2",
    "stage.name": "Onsite",
    "application.assignee": "u1",
    "application.assignee_role": "interviewer",
    "application.assignee_since": datetime(2026, 3, 6, 16, tzinfo=UTC),
    "application.url": "https://app.greenhouse.io/people/7?application_id=1",
}
APPLICATION_FACTS = {
    "candidate.initials": "A.M.",
    "requisition.title": "Account Executive",
    "requisition.code": "REQ-88",
    "application.stage.name": "Hiring Manager Review",
    "stage.name": "Hiring Manager Review",
    "application.assignee": "u3",
    "application.assignee_role": "hiring_manager",
    "application.assignee_since": datetime(2026, 3, 4, 10, tzinfo=UTC),
    "application.stage_entered_at": datetime(2026, 3, 4, 10, tzinfo=UTC),
    "requisition.recruiter": "u2",
    "application.url": "https://app.greenhouse.io/people/9?application_id=2",
}


@dataclass(frozen=True, slots=True)
class ShelfSubjects(SqlSubjects):
    """Subjects whose facts are what a test says."""

    facts: dict[Key, dict[str, Any]] = field(default_factory=dict)

    def select(
        self,
        account: str,
        query: Query,
        *,
        ids: Sequence[str] | None = None,
        filtered: bool = True,
        unreadable: frozenset[str] = frozenset(),
    ) -> Iterator[Found]:
        for key in (Key(account, query.subject, one) for one in ids or ()):
            known = self.facts.get(key, {})
            yield Found(*key, {path: known.get(path) for path in query.columns})


class Shelf(SqlStore):
    """The real store, except that a subject's facts are what a test says."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.facts: dict[Key, dict[str, Any]] = {}
        self.subjects = ShelfSubjects(database, self.facts)


@pytest.fixture
def time() -> ManualTime:
    return ManualTime(NOW)


@pytest.fixture
def store(tmp_path: Path, time: ManualTime) -> Iterator[Shelf]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}", time)
    shelf = Shelf(opened._database)
    shelf.facts.update({SEAT: dict(SEAT_FACTS), APPLICATION: dict(APPLICATION_FACTS)})
    yield shelf
    shelf.close()


@pytest.fixture(scope="session")
def rules() -> dict[str, Rule]:
    """The built-in pack, as it is shipped."""
    text = (builtin_folder() / "responsiveness.yaml").read_text("utf-8")
    found = load([("responsiveness.yaml", text)], {kind.name: kind for kind in BUILTIN_KINDS})
    return dict(found.rules)


def user(number: int, name: str) -> User:
    email = f"{name.split()[0].lower()}@acme.example"
    return User(account="acme", id=f"u{number}", name=name, email=email, active=True)


@pytest.fixture
def directory() -> Directory:
    people = (user(1, "Mara Lind"), user(2, "Ravi Sen"), user(3, "Ines Prado"))
    return Directory(
        users={one.id: one for one in people},
        teams={"recruiting_ops": Destination("post", "channel", "#recruiting-ops")},
        ops=Destination("post", "channel", "#ops"),
        sinks=("post",),
        zones={"u1": "Europe/Lisbon", "u2": "Europe/Berlin", "u3": "Asia/Dubai"},
        ats="Greenhouse",
    )


def case(subject: Key = SEAT, **changes: Any) -> Case:
    plain = Case(
        number=0,
        rule="feedback-late" if subject.kind == "seat" else "stalled-in-stage",
        subject=subject,
        opened_at=NOW,
        clock=Clock.BREACHED,
        started_at=datetime(2026, 3, 6, 16, tzinfo=UTC),
        due_at=datetime(2026, 3, 9, 16, tzinfo=UTC),
        owed_by="u1",
        steps_done=(0, 1),
    )
    return replace(plain, **changes)


class NoSettings(BaseModel):
    """The test sink has none."""


def spec(**powers: bool) -> SinkSpec:
    return SinkSpec(
        name="post", title="Post", settings=NoSettings, open=lambda *_: Post(), **powers
    )


@dataclass
class Post:
    """A sink that keeps what it gets, and fails as told."""

    spec: SinkSpec = field(
        default_factory=lambda: spec(edits=True, threads=True, looks_up=True, direct_messages=True)
    )
    strangers: set[str] = field(default_factory=set)
    sent: list[tuple[str, str, str | None]] = field(default_factory=list)  # to, key, thread
    edited: list[tuple[str, str]] = field(default_factory=list)  # id, tone
    messages: list[Message] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)  # raised by the next sends
    arrives: bool = False  # whether a send that fails arrived all the same
    looked: int = 0

    def find_address(self, email: str) -> str | None:
        return None if email in self.strangers else email

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        fault = self.faults.pop(0) if self.faults else None
        if fault is None or self.arrives:
            self.sent.append((to.address, message.key, thread.ids["id"] if thread else None))
            self.messages.append(message)
        if fault is not None:
            raise fault
        return Receipt({"id": f"m-{message.key}"})

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        if self.faults:
            raise self.faults.pop(0)
        self.edited.append((sent.ids["id"], message.tone))
        self.messages.append(message)
        return sent

    def find(self, to: Destination, key: str, *, thread: Receipt | None = None) -> Receipt | None:
        self.looked += 1
        there = any(to.address == address and key == one for address, one, _ in self.sent)
        return Receipt({"id": f"m-{key}"}) if there else None

    def close(self) -> None:
        """Nothing to give back."""


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def given() -> tuple[Any, Any]:
    """The facts by subject, and how a case is made."""
    return {SEAT: SEAT_FACTS, APPLICATION: APPLICATION_FACTS}, case


MARA = Destination(
    "post",
    "person",
    "mara@acme.example",
    "u1",
    (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
)


RAVI = Destination(
    "post",
    "person",
    "ravi@acme.example",
    "u2",
    (recipient_reason(RecipientCode.ROLE, role="requisition.recruiter"),),
)


OPS = Destination("post", "channel", "#recruiting-ops")


Run = Callable[..., DeliveryReport]


@pytest.fixture
def run(
    store: SqlStore, post: Any, rules: dict[str, Rule], directory: Directory, time: ManualTime
) -> Run:
    def go(sinks: dict[str, Sink] | None = None, **more: Any) -> DeliveryReport:
        given = {"post": post} if sinks is None else sinks
        arguments: dict[str, Any] = {"rules": rules, "directory": directory, **more}
        return deliver(DeliveryRequest("acme", store, given, time=time, **arguments))

    return go


def notice(key: str, to: Destination = MARA, **changes: Any) -> Notice:
    plain = Notice(
        key=key,
        account="acme",
        case=0,
        rule="feedback-late",
        subject=SEAT,
        destination=to,
        purpose=Purpose.SEND,
        step=1,
    )
    return replace(plain, **changes)


@pytest.fixture
def put(store: SqlStore, time: ManualTime, given: tuple[Any, Any]) -> Callable[..., Case]:
    """Queue notices on the one case, opened or changed as asked."""
    _, make = given

    def go(*notices: Notice, **changes: Any) -> Case:
        now = time.now()
        there = store.cases.read_cases("acme")
        case: Case = replace(there[0], **changes) if there else make(**changes)
        dated = [replace(n, created_at=now) for n in notices]
        store.cases.save_decision(Decision(account="acme", at=now, cases=[case], notices=dated))
        return store.cases.read_cases("acme")[0]

    return go


def states(store: SqlStore) -> dict[str, tuple[NoticeState, Hold | DropCode | str | None]]:
    """Each notice's state, with why it is held, dropped or tried again."""
    return {
        n.key: (n.state, n.hold or (n.drop.code if n.drop else n.error.text if n.error else None))
        for n in store.outbox.read_notices("acme")
    }


class Killed(BaseException):
    """The process is gone."""
