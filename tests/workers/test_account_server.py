"""What a worker does with one account."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.context.run_failure import FailureCode, RunFailure
from atsbridge.context.run_summary import AccountSummary, Summary
from atsbridge.errors import StoreError
from atsbridge.timesource import ManualTime
from atsbridge.workers import account_server
from atsbridge.workers.account_server import AccountServer, describe

from ..store.conftest import NOON


class Queue:
    """The rounds of one account."""

    def __init__(self, due: int | None = 600) -> None:
        self.due, self.served = due, list[int]()
        self.error: StoreError | None = None

    def begin_round(self, _: str) -> int | None:
        return self.due

    def finish_round(self, _: str, due: int) -> None:
        if self.error:
            raise self.error
        self.served.append(due)


@pytest.fixture
def lines() -> list[Any]:
    return []


def make(queue: Queue, lines: list[Any]) -> AccountServer:
    services: Any = SimpleNamespace(
        settings=SimpleNamespace(accounts={"acme": None}), time=ManualTime(NOON)
    )
    return AccountServer(services, queue, lines.append)  # type: ignore[arg-type]


def plan(monkeypatch: pytest.MonkeyPatch, done: AccountSummary) -> list[str]:
    """Let a round, or the reading of hints, end like this; what was called."""
    called: list[str] = []

    def round_of(_: Any, account: str, run_id: str) -> Summary:
        called.append(f"round {account}")
        return Summary(at=NOON, run_id=run_id, accounts=[done])

    def hints_of(_: Any, account: str) -> AccountSummary:
        called.append(f"hints {account}")
        return done

    monkeypatch.setattr(account_server, "tick_account", round_of)
    monkeypatch.setattr(account_server, "refresh_hinted", hints_of)
    return called


def test_a_due_round_is_served_and_finished(
    monkeypatch: pytest.MonkeyPatch, lines: list[Any]
) -> None:
    """The line in the log has the id of the run, by which its details are found."""
    queue, done = Queue(), AccountSummary("acme", requests=7, open=2, notices={"sent": 1})
    called = plan(monkeypatch, done)
    server = make(queue, lines)
    server.serve("acme")
    assert called == ["round acme"]
    assert queue.served == [600]
    (line,) = lines
    assert line["run"].startswith("20260302T120000Z-")
    assert (line["action"], line["account"], line["requests"]) == ("round", "acme", 7)
    assert (server.failed, server.working) == (False, [])


def test_without_a_due_round_only_what_webhooks_named_is_read(
    monkeypatch: pytest.MonkeyPatch, lines: list[Any]
) -> None:
    """The job came from hints, or another worker was faster."""
    queue = Queue(due=None)
    called = plan(monkeypatch, AccountSummary("acme"))
    make(queue, lines).serve("acme")
    assert (called, queue.served) == (["hints acme"], [])
    assert lines[0]["action"] == "hints"


@pytest.mark.parametrize(
    ("code", "served"),
    [
        (FailureCode.AUTH, [600]),
        (FailureCode.FAULT, [600]),
        (FailureCode.STORE, []),
        (FailureCode.LOCK_LOST, []),
    ],
)
def test_a_round_that_lost_the_store_was_not_served(
    monkeypatch: pytest.MonkeyPatch, lines: list[Any], code: FailureCode, served: list[int]
) -> None:
    """Any other failure waits for the next round: trying again would not help."""
    queue, done = Queue(), AccountSummary("acme")
    done.failures.append(RunFailure("acme/offers", "refused", "Check it", code))
    plan(monkeypatch, done)
    server = make(queue, lines)
    server.serve("acme")
    assert queue.served == served
    assert server.failed
    assert [one["action"] for one in lines] == ["round", "fail"]
    assert lines[1]["remedy"] == "Check it"
    assert lines[0]["run"] == lines[1]["run"]


def test_an_account_that_another_run_holds_is_skipped(
    monkeypatch: pytest.MonkeyPatch, lines: list[Any]
) -> None:
    """`atsbridge run` serves it at that moment: the round is served."""
    queue = Queue()
    plan(monkeypatch, AccountSummary("acme", locked=True))
    server = make(queue, lines)
    server.serve("acme")
    assert [one["action"] for one in lines] == ["skip"]
    assert (queue.served, server.failed) == ([600], False)


def test_an_account_of_other_settings_is_left_alone(lines: list[Any]) -> None:
    """Its own workers serve it."""
    queue = Queue()
    make(queue, lines).serve("globex")
    assert (lines[0]["action"], queue.served) == ("unknown_account", [])


def test_a_round_whose_end_cannot_be_stored_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, lines: list[Any]
) -> None:
    """The log says so; the worker goes on."""
    queue = Queue()
    queue.error = StoreError("The database server does not answer")
    plan(monkeypatch, AccountSummary("acme"))
    make(queue, lines).serve("acme")
    assert lines[-1]["what"] == "The database server does not answer"


def test_an_error_that_is_not_ours_is_named_without_its_text() -> None:
    """It may quote an address with a password."""
    assert describe(ValueError("postgresql://user:secret@host")) == "ValueError"
    assert describe(StoreError("it is away")) == "it is away"
