"""What is about to be told is asked for once more where it is old."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.context.run_state import RunState
from atsbridge.context.run_summary import AccountSummary
from atsbridge.errors import FatalError
from atsbridge.model.case import Case, Clock
from atsbridge.model.notice import Destination, Notice, NoticeState, Purpose
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.sandbox.http.fake_server import Response
from atsbridge.store.sql_store import open_store
from atsbridge.tick.recheck import Recheck
from atsbridge.timesource import ManualTime

RULE = "feedback-late"
LAST = "/v3/approvers"  # read after interviews and scorecards


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    """One reminder is due at the next run; what that run reads is twelve minutes old by then."""
    made = new_world(300)
    assert made.tick().code == 0
    made.configure(lambda text: text.replace("[notify]", '[notify]\nquiet_hours = ""'))
    made.standing.advance(made.now + timedelta(hours=12))
    yield made
    made.close()


def due(world: Any) -> tuple[str, str]:
    """(id of the seat, e-mail of its interviewer) of the one reminder that would be sent."""
    outcome = world.call("run", "--dry-run", "--json")
    assert outcome.code == 0, outcome.err
    would = json.loads(outcome.out)["accounts"][0]["planned_actions"]
    (one,) = (w for w in would if w["rule"] == RULE and w["to"])
    return one["subject"].rpartition("/")[2], one["to"].partition(": ")[2]


@dataclass
class Hook:
    """What happens to the ATS while it is read. `asked`: applications asked for by id."""

    happens: Callable[[], object] | None
    down: bool = False
    asked: list[str] = field(default_factory=list)


def nothing() -> None:
    """Only time passes."""


def late(world: Any, happens: Callable[[], object] = nothing, *, down: bool = False) -> Hook:
    """When the next run reads its last list, twelve minutes pass and this happens.

    `down`: applications asked for by id are not told.
    """
    server, clock = world.standing.fakes["acme"].server, world.standing.clock
    app, hook = server.app, Hook(happens, down)

    def answer(request: Any) -> Response:
        if request.path == LAST and hook.happens is not None:
            act, hook.happens = hook.happens, None
            clock.advance(clock.now() + timedelta(minutes=12))
            act()
        elif request.path == "/v3/applications" and "ids" in request.query:
            hook.asked.append(request.path)
            if hook.down:
                return Response(503, {"message": "down"})
        response: Response = app(request)
        return response

    server.app = answer
    return hook


def run(world: Any, *words: str) -> tuple[int, Any]:
    outcome = world.call("run", "--json", *words)
    return outcome.code, json.loads(outcome.out)["accounts"][0]


def query(world: Any, statement: str) -> list[Any]:
    with closing(sqlite3.connect(world.store)) as base:
        return base.execute(statement).fetchall()


def notices(world: Any) -> list[tuple[str, str | None, str]]:
    return query(
        world,
        "SELECT state, coalesce(hold, drop_code, error_text),"
        " json_extract(destination, '$.address') FROM notices"
        f" WHERE rule = '{RULE}' ORDER BY created_at, state, key",
    )


def ops(world: Any) -> list[str]:
    """What ops read of messages that wait."""
    said = world.standing.slacks["slack"].messages("recruiting-ops")
    return [one["text"] for one in said if "Messages of" in one["text"]]


def dms(world: Any, email: str) -> list[Any]:
    found: list[Any] = world.standing.slacks["slack"].dms(email)
    return found


def test_what_was_done_a_minute_ago_is_not_told(world: Any) -> None:
    """The scorecard came in after its list was read: dropped as cured, the case ended with it,
    and what it cost is in the report. A dry run asks for nothing."""
    seat, email = due(world)
    ledger = world.standing.companies["acme"].ledger

    def hands_in() -> None:
        card = ledger.get("seat", seat).scorecard
        ledger.change("scorecard", card, world.now, submitted_at=world.now, recommendation=1)

    hook = late(world)
    run(world, "--dry-run")
    assert hook.asked == []
    hook.happens = hands_in
    code, summary = run(world)
    assert (code, dms(world, email)) == (0, [])
    assert notices(world) == [("dropped", "case_ended", email)]
    ended = "SELECT ending FROM cases JOIN notices ON number = case_number"
    ended += " WHERE drop_code = 'case_ended'"
    assert query(world, ended) == [("resolved",)]
    assert len(hook.asked) == 1
    assert 1 < summary["confirmations"] < 12  # one for each list that tells of an application
    assert query(world, "SELECT count(*) FROM dirty")[0][0] > 0  # for the next tick


def test_what_cannot_be_confirmed_waits(world: Any) -> None:
    """Held, ops told once however often it fails, sent by the tick at which it works again."""
    _, email = due(world)
    hook = late(world, down=True)
    for _ in range(2):
        hook.happens = nothing
        code, summary = run(world)
        assert code == 1
        (failure,) = summary["failures"]
        assert failure["where"].startswith("acme")
        assert notices(world) == [("held", "unconfirmed", email)]
    assert (dms(world, email), len(ops(world))) == ([], 1)
    hook.happens, hook.down = nothing, False
    code, _ = run(world)
    assert code == 0
    assert notices(world) == [("sent", None, email)]
    assert (len(dms(world, email)), len(ops(world))) == (1, 1)


def test_an_answer_that_shows_nothing_confirms_nothing(world: Any) -> None:
    """Neither the application nor any other that must be there is shown: the message waits."""
    _, email = due(world)
    hook = late(world)
    server = world.standing.fakes["acme"].server
    app = server.app

    def answer(request: Any) -> Response:
        response: Response = app(request)
        empty = request.path == "/v3/applications" and "ids" in request.query
        return Response(200, [], response.headers) if empty else response

    server.app = answer
    run(world)
    assert len(hook.asked) > 1  # once more, beside others
    assert dms(world, email) == []
    assert notices(world) == [("held", "unconfirmed", email)]
    (said,) = ops(world)
    assert "it answers without the records that were asked for" in said
    server.app, hook.happens = app, nothing
    run(world)
    assert notices(world) == [("sent", None, email)]


@pytest.fixture
def second(tmp_path: Any) -> Iterator[Any]:
    """A second look over a store of its own, without an ATS."""
    time = ManualTime(datetime(2026, 3, 9, 9, tzinfo=UTC))
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", time)
    context: Any = SimpleNamespace(
        account="acme",
        store=store,
        run_state=RunState(store.run_state, "acme"),
        time=time,
        connector=SimpleNamespace(requests=0),
        account_map=None,
        directory=SimpleNamespace(ats="Greenhouse", ops=Destination("post", "channel", "#ops")),
    )
    yield Recheck(context, AccountSummary("acme"))
    store.close()


def test_ops_hear_of_each_outage_once(second: Any) -> None:
    """However many runs it lasts; and again of the next, once it was well in between."""

    def told() -> int:
        second.context.time.advance(timedelta(hours=1))
        return len(second.context.store.outbox.read_notices("acme"))

    for _ in range(3):
        second._report({1: "answers 503"})
        assert told() == 1
    second._asked = {Key("acme", "application", "a1"): ""}
    second._report({})
    second._report({1: "answers 503"})
    assert told() == 2


def test_the_second_look_knows_who_was_messaged_already(second: Any) -> None:
    """So that they hear the end it finds; only what is in hand and reached nobody is dropped."""
    store, now = second.context.store, second.context.time.now()
    case = Case(
        number=0,
        rule=RULE,
        subject=Key("acme", "seat", "s1"),
        opened_at=now,
        clock=Clock.BREACHED,
    )
    plain = Notice(
        key="sent",
        account="acme",
        case=0,
        rule=RULE,
        subject=case.subject,
        destination=Destination(
            "post",
            "person",
            "mara@acme.example",
            "u1",
            (recipient_reason(RecipientCode.ROLE, role="seat.user"),),
        ),
        purpose=Purpose.SEND,
        state=NoticeState.SENT,
        sent_at=now,
    )
    hand = replace(plain, key="hand", state=NoticeState.SENDING, sent_at=None)
    store.cases.save_decision(Decision(account="acme", at=now, cases=[case], notices=[plain, hand]))
    (number,) = (one.number for one in store.cases.read_open_cases("acme"))
    found = {one.key: one.state for one in second._read_notices(number, frozenset({"hand"}))}
    assert found == {"sent": NoticeState.SENT, "hand": NoticeState.QUEUED}


def test_an_approval_that_cannot_be_asked_for_is_not_confirmed(
    second: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither it nor a requisition that would tell of it: what leans on it waits."""

    def cannot(*_: Any) -> None:
        raise FatalError("approvals cannot be asked for by id")

    monkeypatch.setattr("atsbridge.tick.recheck.refresh", cannot)
    assert second._try_refresh("approval", ["a1"]) == {"a1": "it cannot be asked for"}


def test_what_another_took_over_is_told_to_them(world: Any) -> None:
    """A hand-over in the last minutes: the new interviewer hears of it, the old one never."""
    seat, email = due(world)
    company = world.standing.companies["acme"]
    other = next(p for p in company.people if p.email != email and "interviewer" in p.roles)

    def hands_over() -> None:
        company.ledger.change("seat", seat, world.now, user=other.id)
        card = company.ledger.get("seat", seat).scorecard
        company.ledger.change("scorecard", card, world.now, author=other.id)

    late(world, hands_over)
    code, summary = run(world)
    assert code == 0, summary["failures"]
    assert notices(world) == [("dropped", "handed_over", email), ("sent", None, other.email)]
    assert (dms(world, email), len(dms(world, other.email))) == ([], 1)


def test_what_was_deleted_a_minute_ago_is_not_told(world: Any) -> None:
    """An application that is gone from the ATS when it is asked again: its case ends as gone."""
    seat, email = due(world)
    ledger = world.standing.companies["acme"].ledger
    application = ledger.get("interview", ledger.get("seat", seat).interview).application
    hook = late(world)
    server = world.standing.fakes["acme"].server
    app = server.app

    def answer(request: Any) -> Response:
        response: Response = app(request)
        if request.path == "/v3/applications" and hook.happens is None:
            rows = [one for one in response.body if str(one["id"]) != application]
            return Response(response.status, rows, response.headers)
        return response

    server.app = answer
    assert run(world)[0] == 0
    assert dms(world, email) == []
    assert notices(world) == [("dropped", "case_ended", email)]
    ended = "SELECT ending, end_reason FROM cases JOIN notices ON number = case_number"
    assert query(world, f"{ended} WHERE drop_code = 'case_ended'") == [("cancelled", "deleted")]
