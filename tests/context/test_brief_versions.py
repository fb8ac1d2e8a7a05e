"""Versions of briefs over time: drafts, changes, what cannot be read, and who is asked again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.store.conftest import NOON, Feed

from atsbridge.cases.recipients import Directory
from atsbridge.context.brief_versions import SETTLE, VersionRecorder
from atsbridge.model.brief_version import AgreementSource, BriefAgreement, BriefPart
from atsbridge.model.change import Origin
from atsbridge.model.notice import Destination, DropCode, Notice, drop_notice
from atsbridge.model.organization import User
from atsbridge.model.record import Key
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import ManualTime

KEY = Key("acme", "requisition", "r1")
RAVI = User(account="acme", id="u1", name="Ravi Sen", email="ravi@acme.example", active=True)
INES = User(account="acme", id="u2", name="Ines Prado", email="ines@acme.example", active=True)
OPEN = {"id": "r1", "status": "open", "priority": "High", "headcount": 2, "pay_min": 60000.0}


@dataclass
class Account:
    """One requisition with a brief, and runs that record its versions."""

    store: SqlStore
    feed: Feed
    unknown: frozenset[str] = frozenset()
    silenced: bool = False
    pilot: dict[str, Any] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=lambda: {"u1": RAVI, "u2": INES})

    def run(self, hours: float = 1) -> datetime:
        """A run so many hours later."""
        self.feed.at += timedelta(hours=hours)
        now = self.feed.at
        self.store.subjects.derive("acme", now)
        ops = Destination("post", "channel", "#ops")
        context = SimpleNamespace(
            account="acme",
            store=self.store,
            time=ManualTime(now),
            unknown_fields=self.unknown,
            users=self.users,
            directory=Directory(users=self.users, teams={}, ops=ops, sinks=("post",)),
            settings=SimpleNamespace(pilot=SimpleNamespace(where=self.pilot)),
            suppression=lambda _now: SimpleNamespace(
                silence=lambda _rule, _key: self if self.silenced else None
            ),
        )
        recorder = VersionRecorder(context)  # type: ignore[arg-type]
        recorder.record_dirty()
        recorder.announce()
        self.feed.settle()
        return now

    def change(self, **values: Any) -> None:
        """The ATS shows other values from the next run on."""
        self.feed.at += timedelta(minutes=1)
        self.feed.page("requisition", {**OPEN, **values})

    def write(self, sections: dict[str, Any], agreed: dict[str, str] | None = None) -> None:
        """The brief says something else."""
        self.feed.at += timedelta(minutes=1)
        row = {"id": "r1", "requisition": "r1", "sections": sections, "agreed": agreed or {}}
        self.feed.page("brief", row, origin=Origin.ANNOUNCED)

    def agree(self, number: int, *sides: str) -> None:
        people = {"recruiter": "u1", "hiring_manager": "u2"}
        for side in sides or tuple(people):
            given = BriefAgreement(number, side, people[side], self.feed.at, AgreementSource.REPLY)
            self.store.briefs.add_agreement(KEY, given)

    @property
    def versions(self) -> list[Any]:
        return list(self.store.briefs.read_versions(KEY))

    @property
    def notices(self) -> list[Notice]:
        return list(self.store.outbox.read_notices("acme"))


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """An open requisition with a recruiter, a manager and a brief."""
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", ManualTime(NOON))
    made = Account(store, Feed(store))
    made.feed.page("requisition", dict(OPEN))
    team = (("t1", "u1", "recruiter"), ("t2", "u2", "hiring_manager"))
    made.feed.page(
        "team_member",
        *({"id": id_, "requisition": "r1", "user": user, "role": role} for id_, user, role in team),
    )
    made.write({"must_haves": ["SQL"]})
    yield made
    store.close()


def test_a_draft_takes_changes_until_somebody_agreed(account: Account) -> None:
    """Then the next change is a new version, and both are asked, half an hour later."""
    account.run()
    account.change(priority="Low")
    account.run()
    assert [(one.number, one.snapshot.priority) for one in account.versions] == [(1, "Low")]
    account.agree(1)
    account.change(priority="Low", headcount=1)
    at = account.run()
    first, second = account.versions
    assert (first.snapshot.headcount, second.snapshot.headcount) == (2, 1)
    assert second.made_at == at
    told = account.notices
    assert {one.destination.address for one in told} == {RAVI.email, INES.email}
    assert {(one.edition, one.not_before) for one in told} == {(2, at + SETTLE)}


def test_nobody_is_asked_while_only_one_side_had_agreed(account: Account) -> None:
    """The rules of the pack ask for the missing agreement."""
    account.run()
    account.agree(1, "recruiter")
    account.change(headcount=1)
    account.run()
    assert [one.number for one in account.versions] == [1, 2]
    assert account.notices == []


def test_a_change_that_is_taken_back_in_time_is_none(account: Account) -> None:
    """The draft goes; a later change is asked about though its message was dropped meanwhile."""
    account.run()
    account.agree(1)
    account.change(headcount=1)
    account.run()
    account.change()
    account.run()
    assert [one.number for one in account.versions] == [1]
    account.store.outbox.settle(*(drop_notice(one, DropCode.SUPERSEDED) for one in account.notices))
    account.change(headcount=3)
    account.run()
    assert [one.number for one in account.versions] == [1, 2]
    assert {one.state for one in account.notices} == {"queued"}


def test_what_cannot_be_read_is_no_change(account: Account) -> None:
    """Neither when it vanishes nor when it comes back; what was never read is filled in."""
    account.unknown = frozenset({"requisition.headcount", "criterion.name"})
    account.run()
    assert account.versions[0].snapshot.unread == {BriefPart.HEADCOUNT, BriefPart.CRITERIA}
    account.agree(1)
    account.unknown = frozenset({"criterion.name"})
    account.change(headcount=5)
    account.run()
    account.unknown = frozenset({"criterion.name", "requisition.headcount"})
    account.change(headcount=None)
    account.run()
    (only,) = account.versions
    assert (only.snapshot.headcount, only.snapshot.unread) == (5, {BriefPart.CRITERIA})
    assert account.notices == []


def test_our_own_map_changes_no_version(account: Account) -> None:
    """A priority that is mapped from another field is what it was for the pair."""
    account.run()
    account.agree(1)
    account.feed.at += timedelta(minutes=1)
    account.feed.page(
        "requisition", {**OPEN, "priority": "P1"}, remapped=frozenset({"requisition.priority"})
    )
    account.run()
    (only,) = account.versions
    assert only.snapshot.priority == "P1"


def test_an_agreement_in_the_file_counts_for_the_text_beside_it(account: Account) -> None:
    """The same day under a changed text is the old agreement; a new day is a new one."""
    both = {"u1": "2026-03-01T00:00:00+00:00", "u2": "2026-03-01T09:00:00.123456+00:00"}
    account.write({"must_haves": ["SQL"]}, both)
    account.run()
    account.write({"must_haves": ["Python"]}, both)
    account.run()
    again = {**both, "u2": "2026-03-05T00:00:00+00:00", "u9": "2026-03-05T00:00:00+00:00"}
    account.write({"must_haves": ["Python"]}, again)
    account.run()
    found = [(one.version, one.side) for one in account.store.briefs.read_agreements(KEY)]
    assert sorted(found) == [(1, "hiring_manager"), (1, "recruiter"), (2, "hiring_manager")]


@pytest.mark.parametrize("why", ["silenced", "pilot", "closed", "left"])
def test_who_is_not_asked(account: Account, why: str) -> None:
    """A silenced, closed or other requisition: nobody; of a pair of which one left: the other."""
    account.run()
    account.agree(1)
    account.silenced = why == "silenced"
    account.pilot = {"requisition.priority": "Low"} if why == "pilot" else {}
    if why == "left":
        account.users["u2"] = User(account="acme", id="u2", email=INES.email, active=False)
    status = "closed" if why == "closed" else "open"
    account.change(headcount=1, status=status)
    account.run()
    readers = [one.destination.address for one in account.notices]
    assert readers == (["ravi@acme.example"] if why == "left" else [])


def test_a_silence_only_puts_the_question_off(account: Account) -> None:
    """Once it is over, the next run asks."""
    account.run()
    account.agree(1)
    account.silenced = True
    account.change(headcount=1)
    account.run()
    account.silenced = False
    account.run()
    assert len(account.notices) == 2


def test_a_change_names_its_author_where_the_ats_does(account: Account) -> None:
    """Users by name; feedback before the change counts as assessed by the earlier version."""
    account.feed.page(
        "application", {"id": "a1", "candidate": "c1", "requisition": "r1", "status": "active"}
    )
    account.feed.page("scorecard", {"id": "s1", "application": "a1", "submitted_at": NOON})
    account.run()
    account.agree(1)
    account.write({"must_haves": ["Python"]})
    account.run()
    second = account.versions[1]
    assert (second.made_by, second.impact.assessed, second.impact.rejected) == (
        "",
        1,
        {"SQL": None},
    )
    account.unknown = frozenset({"scorecard.submitted_at"})
    account.agree(2)
    account.write({"must_haves": ["Go"]})
    account.run()
    assert account.versions[2].impact.assessed is None
