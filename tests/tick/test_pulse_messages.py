"""Who is asked after a search: each of the pair, once, about what ended lately and has settled."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from benchmarks.report_store import StoreSize
from tests.report.conftest import NOW, filled

from atsbridge.context import AccountContext, Services
from atsbridge.model import Choice, ChoiceTopic, ChoiceValue, Purpose
from atsbridge.tick.pulse_messages import PulseMessages

SIZE = StoreSize(requisitions=6, applications=12, promises=0, cases=0, pairs=2)
DAY = timedelta(days=1)


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The people of the store are reached where their replies are read."""
    specs = Services.sink_spec
    answering = lambda self, name: replace(specs(self, name), replies=True)  # noqa: E731
    monkeypatch.setattr(Services, "sink_spec", answering)
    with filled(tmp_path, SIZE) as found:
        yield found


def end(folder: Path, requisition: str, at: datetime, status: str = "filled") -> None:
    with sqlite3.connect(folder / "atsbridge.db") as base:
        base.execute(
            "UPDATE requisitions SET status = ?, closed_at = ? WHERE id = ?",
            (status, int(at.timestamp() * 1000), requisition),
        )


def ask(services: Services, now: datetime = NOW) -> list[tuple[str, str]]:
    """(requisition, reader) of all who were asked so far."""
    context = AccountContext(services, "acme")
    if context.run_state.read_pulse_since() is None:
        context.run_state.write_pulse_since(NOW - 60 * DAY)
    PulseMessages(context, now).queue()
    found = services.store.outbox.read_notices("acme")
    assert {one.purpose for one in found} <= {Purpose.PULSE}
    return sorted((one.subject.id, one.destination.address) for one in found)


def test_each_of_the_pair_once(services: Services, tmp_path: Path) -> None:
    end(tmp_path, "r1", NOW - 3 * DAY)
    asked = ask(services)
    assert len(asked) == 2
    assert {one for one, _ in asked} == {"r1"}
    assert ask(services) == asked
    end(tmp_path, "r1", NOW + 20 * DAY)  # opened again, and closed again
    assert ask(services, NOW + 25 * DAY) == asked


def test_nobody_is_asked_where_no_reply_is_read(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as by mail: the question says "reply", and nobody would hear."""
    end(tmp_path, "r1", NOW - 3 * DAY)
    specs = Services.sink_spec
    silent = lambda self, name: replace(specs(self, name), replies=False)  # noqa: E731
    with monkeypatch.context() as patched:
        patched.setattr(Services, "sink_spec", silent)
        assert ask(services) == []
    assert len(ask(services)) == 2


@pytest.mark.parametrize(
    ("ago", "status", "asked"),
    [
        (0.1, "filled", 0),
        (2, "filled", 2),
        (2, "closed", 2),
        (2, "cancelled", 0),
        (20, "filled", 0),
        (2, "open", 0),
    ],
)
def test_what_ended_lately_and_has_settled(
    services: Services, tmp_path: Path, ago: float, status: str, asked: int
) -> None:
    end(tmp_path, "r1", NOW - ago * DAY, status)
    assert len(ask(services)) == asked


def test_a_hire_on_an_open_role(services: Services, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "atsbridge.db") as base:
        at = int((NOW - 2 * DAY).timestamp() * 1000)
        base.execute(
            "UPDATE applications SET status = 'hired', closed_at = ? WHERE id = 'a4'", (at,)
        )
    asked = ask(services)
    assert {one for one, _ in asked} == {"r4"}
    (notice, _) = services.store.outbox.read_notices("acme")
    assert notice.text is not None
    assert "has a hire" in notice.text.body


def test_nobody_is_asked_of_a_confidential_search(services: Services, tmp_path: Path) -> None:
    end(tmp_path, "r1", NOW - 3 * DAY)
    with sqlite3.connect(tmp_path / "atsbridge.db") as base:
        base.execute("UPDATE requisitions SET confidential = 1 WHERE id = 'r1'")
    assert ask(services) == []


def test_neither_is_asked_where_one_wants_no_messages(services: Services, tmp_path: Path) -> None:
    """Their answers could never be shown to both."""
    end(tmp_path, "r1", NOW - 3 * DAY)
    stop = [
        Choice(f"person{n}@acme.example", ChoiceTopic.DELIVERY, ChoiceValue.STOP, NOW, "x")
        for n in range(2)
    ]
    services.store.choices.save_choices(stop)
    assert ask(services) == []


def test_what_ended_before_the_first_look_is_no_news(services: Services, tmp_path: Path) -> None:
    """Turning it on floods nobody."""
    end(tmp_path, "r1", NOW - 3 * DAY)
    context = AccountContext(services, "acme")
    PulseMessages(context, NOW).queue()
    assert services.store.outbox.read_notices("acme") == []
    end(tmp_path, "r2", NOW + DAY)
    PulseMessages(context, NOW + 3 * DAY).queue()
    assert {one.subject.id for one in services.store.outbox.read_notices("acme")} == {"r2"}
