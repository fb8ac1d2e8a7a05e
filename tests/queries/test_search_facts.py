"""What good news tells of a search: who interviewed, the market's time, promises of both sides."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.report_store import StoreSize
from tests.report.conftest import filled

from atsbridge.context import AccountContext, Services
from atsbridge.model import Key
from atsbridge.presentation import SideCount
from atsbridge.queries import SearchFactsReader

SIZE = StoreSize(requisitions=2, applications=6, promises=60, cases=0, pairs=2)
MARKET = """\
title,days_to_fill,source,as_of
engineer *,45,a survey,2026-01-31
"""


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    (tmp_path / "market").mkdir()
    (tmp_path / "market" / "2026.csv").write_text(MARKET, "utf-8")
    with filled(tmp_path, SIZE) as found:
        yield found


def _seat(folder: Path, number: int, held: str = "held", application: str = "a0") -> None:
    with sqlite3.connect(folder / "atsbridge.db") as base:
        parts = base.execute("SELECT max(parts) FROM users").fetchone()[0]
        base.execute(
            "INSERT INTO interviews (account, id, application, held, status, parts)"
            " VALUES ('acme', ?, ?, ?, 'complete', ?)",
            (f"i{number}", application, held, parts),
        )
        base.execute(
            "INSERT INTO seats (account, id, interview, user, parts) VALUES ('acme', ?, ?, ?, ?)",
            (f"s{number}", f"i{number}", f"u{number}", parts),
        )


def _read(services: Services, kind: str, id_: str):  # type: ignore[no-untyped-def]
    return SearchFactsReader(AccountContext(services, "acme")).read(Key("acme", kind, id_))


def test_the_panel_of_whoever_was_hired(services: Services, tmp_path: Path) -> None:
    """Interviews of others, and those that were not held, name nobody."""
    _seat(tmp_path, 1)
    _seat(tmp_path, 2)
    _seat(tmp_path, 3, held="not_held")
    _seat(tmp_path, 0, application="a2")
    assert _read(services, "application", "a0").panel == ("u1", "u2")
    assert _read(services, "requisition", "r0").panel == ()
    with sqlite3.connect(tmp_path / "atsbridge.db") as base:
        base.execute("UPDATE applications SET status = 'hired' WHERE id = 'a0'")
    assert _read(services, "requisition", "r0").panel == ("u1", "u2")


@pytest.mark.parametrize("status", [None, "other:parked"])
def test_who_may_have_been_hired_has_no_panel(
    services: Services, tmp_path: Path, status: str | None
) -> None:
    """A status that is absent, or that nobody knows, names nobody."""
    _seat(tmp_path, 1)
    with sqlite3.connect(tmp_path / "atsbridge.db") as base:
        base.execute("UPDATE applications SET status = ? WHERE id = 'a0'", (status,))
    assert _read(services, "requisition", "r0").panel == ()


def test_the_market_and_the_promises_of_both_sides(services: Services, tmp_path: Path) -> None:
    """As a slow count of the same store has them; one side alone is never shown."""
    with sqlite3.connect(tmp_path / "atsbridge.db") as base:
        base.execute("UPDATE promises SET requisition = 'r0'")
        rows = base.execute("SELECT side, outcome FROM promises").fetchall()
    facts = _read(services, "requisition", "r0")
    assert facts.market_days == 45
    kept = {
        side: (rows.count((side, "on_time")), rows.count((side, "late")))
        for side in ("recruiter", "manager")
    }
    assert facts.kept == tuple(SideCount(side, on, on + late) for side, (on, late) in kept.items())
    with sqlite3.connect(tmp_path / "atsbridge.db") as base:
        base.execute("DELETE FROM promises WHERE side = 'manager'")
    assert _read(services, "requisition", "r0").kept == ()


def test_nothing_of_what_is_not_known(services: Services) -> None:
    facts = _read(services, "requisition", "r9")
    assert (facts.panel, facts.market_days, facts.kept) == ((), None, ())
