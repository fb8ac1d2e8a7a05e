"""The history of a search: sections of the brief, agreements and changes of the role; no texts."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.report_store import StoreSize
from tests.report.conftest import NOW, filled

from atsbridge.context import AccountContext
from atsbridge.queries import SearchEventKind, read_search_history
from atsbridge.queries.search_history import EVENTS
from atsbridge.report import ReportOptions, collect_report, render_page

SIZE = StoreSize(requisitions=3, applications=3, promises=0, cases=0, pairs=2)
DAY = timedelta(days=1)


def _change(
    folder: Path, kind: str, field: str, old: Any, new: Any, days: int, **more: str
) -> None:
    with sqlite3.connect(folder / "atsbridge.db") as base:
        base.execute(
            "INSERT INTO changes (account, kind, id, field, old, new, observed_at, origin)"
            " VALUES ('acme', ?, 'r1', ?, ?, ?, ?, ?)",
            (
                kind,
                field,
                json.dumps(old),
                json.dumps(new),
                int((NOW - days * DAY).timestamp() * 1000),
                more.get("origin", "poll"),
            ),
        )


def _fill(folder: Path) -> None:
    wanted = {"must_haves": "Kafka at SECRET scale", "priorities": "one"}
    _change(folder, "brief", "sections", None, {"priorities": "one"}, 9)
    _change(folder, "brief", "sections", {"priorities": "one"}, wanted, 8)
    agreed = {"u1": (NOW - 7 * DAY).isoformat(), "u2": "no instant"}
    _change(folder, "brief", "agreed", {}, agreed, 6)
    _change(folder, "requisition", "priority", "P2", "P1", 5)
    _change(folder, "requisition", "priority", "P9", "P8", 4, origin="mapping")
    _change(folder, "requisition", "hiring_manager", "u1", None, 3)


def test_what_happened_in_order(tmp_path: Path) -> None:
    """The account's own map is no event, and a text that is no instant falls back to sight."""
    with filled(tmp_path, SIZE) as services:
        _fill(tmp_path)
        (events,) = read_search_history(AccountContext(services, "acme"), ["r0", "r1"]).values()
    kinds = [one.kind for one in events]
    assert kinds == [
        *[SearchEventKind.BRIEF_CHANGED] * 2,
        *[SearchEventKind.AGREED] * 2,
        *[SearchEventKind.CHANGED] * 2,
    ]
    assert [one.names for one in events[:4]] == [("priorities",), ("must_haves",), ("u1",), ("u2",)]
    assert (events[2].at, events[3].at) == (NOW - 7 * DAY, NOW - 6 * DAY)
    assert (events[4].old, events[4].new) == ("P2", "P1")


def test_the_page_names_sections_and_no_text_of_the_brief(tmp_path: Path) -> None:
    with filled(tmp_path, SIZE) as services:
        _fill(tmp_path)
        page = render_page(collect_report(services, ReportOptions()))
    assert "SECRET" not in page
    assert "brief changed: must haves" in page
    assert "agreed to by Person 1" in page
    assert "priority from P2 to P1" in page
    assert "hiring manager from Person 1 to nobody" in page


def test_a_long_history_is_cut_at_its_beginning(tmp_path: Path) -> None:
    with filled(tmp_path, SIZE) as services:
        for day in range(EVENTS + 5):
            _change(tmp_path, "requisition", "headcount", day, day + 1, 40 - day)
        (events,) = read_search_history(AccountContext(services, "acme"), ["r1"]).values()
    assert len(events) == EVENTS
    assert events[-1].new == EVENTS + 5
