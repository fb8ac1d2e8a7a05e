"""What stands on the page and in the exports, and that it equals a slow count of the same store."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections import Counter
from pathlib import Path

import pytest
from benchmarks.report_store import StoreSize, write_settings
from tests.report.conftest import HOSTILE, NOW, filled

from atsbridge.context import AccountContext
from atsbridge.errors import ConfigError
from atsbridge.model import Choice, ChoiceTopic, ChoiceValue
from atsbridge.report import ReportOptions, collect_report, render_page, to_csv, to_document

SMALL = StoreSize(requisitions=12, applications=120, promises=400, cases=10, pairs=4)


def _slow(folder: Path) -> dict[str, Counter[str]]:
    """Outcomes by side of the weeks of the report, row by row."""
    first = int(NOW.timestamp() * 1000) - (11 * 7 + NOW.weekday()) * 86_400_000
    first -= (NOW.hour * 3600 + NOW.minute * 60) * 1000
    found: dict[str, Counter[str]] = {}
    with sqlite3.connect(folder / "atsbridge.db") as connection:
        for side, outcome, at in connection.execute(
            "SELECT side, outcome, counted_at FROM promises"
        ):
            if at is not None and first <= at <= int(NOW.timestamp() * 1000):
                found.setdefault(side, Counter())[outcome] += 1
    return found


def test_page_and_exports_equal_a_slow_count(tmp_path: Path) -> None:
    with filled(tmp_path, SMALL) as services:
        report = collect_report(services, ReportOptions())
    page, table = render_page(report), list(csv.DictReader(io.StringIO(to_csv(report))))
    document = json.loads(json.dumps(to_document(report)))
    slow = _slow(tmp_path)
    assert set(slow) == {"manager", "recruiter"}
    for side, title in (("recruiter", "Recruiter's side"), ("manager", "Manager's side")):
        counted = slow[side]
        due = counted["on_time"] + counted["late"]
        (row,) = [one for one in table if one["section"] == "side" and one["side"] == side]
        assert [int(row[name]) for name in ("due", "on_time", "late", "cancelled", "unknown")] == [
            due,
            *(counted[name] for name in ("on_time", "late", "cancelled", "unknown")),
        ]
        figures = document["accounts"][0]["figures"]
        (figure,) = [one for one in figures if one["section"] == "side" and one["side"] == side]
        assert figure["on_time_rate"] == round(counted["on_time"] / due, 4)
        heading = re.escape(title.replace("'", "&#39;"))
        card = re.search(rf"<h4>{heading}</h4>(.*?)</dl>", page, re.DOTALL)
        assert card is not None
        assert f"{counted['on_time'] / due:.0%}" in card[1]
        assert f"<dt>Due</dt><dd>{due}</dd>" in card[1]
        assert f"<dt>Unknown</dt><dd>{counted['unknown']}</dd>" in card[1]


def test_no_share_of_fewer_than_five(tmp_path: Path) -> None:
    size = StoreSize(requisitions=3, applications=3, promises=4, cases=0, pairs=2)
    with filled(tmp_path, size) as services:
        report = collect_report(services, ReportOptions())
    assert "%" not in re.sub(r"<style>.*?</style>", "", render_page(report), flags=re.DOTALL)
    rates = {one["on_time_rate"] for one in csv.DictReader(io.StringIO(to_csv(report)))}
    assert rates == {""}


def test_pairs_only_after_both_opted_in(tmp_path: Path) -> None:
    with filled(tmp_path, SMALL, opted_in=False) as services:
        report = collect_report(services, ReportOptions())
    assert 'id="a0-pairs"' not in render_page(report)
    assert '"pair"' not in json.dumps(to_document(report))
    write_settings(tmp_path, SMALL)
    with filled_again(tmp_path) as services:
        page = render_page(collect_report(services, ReportOptions()))
    names = re.findall(r"<summary><b><bdi>(Person \d+)\s*</bdi>", page)
    assert len(names) == 4
    assert names == sorted(names)


def filled_again(folder: Path):  # type: ignore[no-untyped-def]
    from atsbridge.app import open_services
    from atsbridge.timesource import ManualTime

    return open_services(folder / "atsbridge.toml", time=ManualTime(NOW))


def test_names_can_be_withheld(tmp_path: Path) -> None:
    with filled(tmp_path, SMALL) as services:
        named = render_page(collect_report(services, ReportOptions()))
    config = tmp_path / "atsbridge.toml"
    config.write_text(config.read_text("utf-8") + 'clearance = "open"\n', "utf-8")
    with filled_again(tmp_path) as services:
        report = collect_report(services, ReportOptions())
    page = render_page(report)
    assert "Person" in named
    for text in (page, to_csv(report), json.dumps(to_document(report))):
        assert "Person" not in text
        assert "acme.example" not in text
    assert "the hiring manager" in page


def test_confidential_requisitions_are_left_out(tmp_path: Path) -> None:
    with filled(tmp_path, SMALL) as services:
        with sqlite3.connect(tmp_path / "atsbridge.db") as connection:
            connection.execute("UPDATE requisitions SET confidential = 1 WHERE id = 'r3'")
        report = collect_report(services, ReportOptions())
        for text in (render_page(report), to_csv(report), json.dumps(to_document(report))):
            assert not re.search(r"Engineer 3\b|ENG-3\b|\br3\b", text)
        assert "1 confidential role is left out" in render_page(report)
        with pytest.raises(ConfigError, match="confidential"):
            collect_report(services, ReportOptions(requisition="ENG-3"))
        with pytest.raises(ConfigError, match="needs a requisition"):
            collect_report(services, ReportOptions(confidential=True))
        asked = ReportOptions(requisition="ENG-3", confidential=True)
        shown = collect_report(services, asked)
    assert [one.id for one in shown.accounts[0].overview.requisitions] == ["r3"]
    assert shown.accounts[0].figures.total.due > 0
    assert set(shown.accounts[0].figures.by_requisition) == {"r3"}


def test_an_unknown_requisition_says_what_to_write(tmp_path: Path) -> None:
    with filled(tmp_path, SMALL) as services, pytest.raises(ConfigError) as error:
        collect_report(services, ReportOptions(requisition="ENG-999"))
    assert "there is no requisition 'ENG-999'" in str(error.value)
    assert "code or its id" in error.value.remedy


def test_a_cell_is_no_formula(tmp_path: Path) -> None:
    size = StoreSize(requisitions=5, applications=20, promises=100, cases=0, pairs=2, text="x")
    with filled(tmp_path, size) as services:
        with sqlite3.connect(tmp_path / "atsbridge.db") as connection:
            connection.execute("UPDATE stages SET name = '=HYPERLINK(1)' WHERE id = 's1'")
            connection.execute("UPDATE users SET name = '@SUM(1)'")
        table = to_csv(collect_report(services, ReportOptions()))
    cells = [cell for row in csv.reader(io.StringIO(table)) for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert "'@SUM(1)" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_an_empty_store_is_a_whole_page(tmp_path: Path) -> None:
    nothing = StoreSize(requisitions=0, applications=0, promises=0, cases=0, pairs=2)
    with filled(tmp_path, nothing) as services:
        page = render_page(collect_report(services, ReportOptions()))
    assert "No role is open." in page
    assert page.rstrip().endswith("</html>")


def test_without_the_extra_the_page_has_its_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atsbridge.report.overview_charts.is_available", lambda: False)
    with filled(tmp_path, SMALL) as services:
        page = render_page(collect_report(services, ReportOptions()))
    assert 'class="card chart"' not in page
    assert "Applications that came into" not in page
    assert '<td class="fill">' in page


def test_markup_of_names_is_text(hostile_page: Path) -> None:
    page = hostile_page.read_text("utf-8")
    assert HOSTILE[:8] not in page
    assert "&lt;script&gt;alert(1)" in page
    assert page.count("<style>") == 1


def test_a_reply_opts_in_and_out(tmp_path: Path) -> None:
    """Both by reply: the page comes; one by reply against the settings: it is gone."""
    with filled(tmp_path, SMALL, opted_in=False) as services:
        people = [one.email for one in AccountContext(services, "acme").users.values() if one.email]
        yes = [Choice(one, ChoiceTopic.PAIRS, ChoiceValue.ON, NOW, "x") for one in people]
        services.store.choices.save_choices(yes)
        report = collect_report(services, ReportOptions())
        assert 'id="a0-pairs"' in render_page(report)
        pairs = len(report.accounts[0].figures.pairs)
        assert f"{len(people)} colleagues agreed to figures of their pairs; {pairs} pairs" in (
            render_page(report)
        )
        no = Choice(people[0], ChoiceTopic.PAIRS, ChoiceValue.OFF, NOW, "x")
        services.store.choices.save_choices([no])
        after = collect_report(services, ReportOptions()).accounts[0].figures.pairs
        assert 0 < len(after) < pairs
        assert not [one for one in after if "u0" in (one.recruiter, one.manager)]


def test_the_market_gap_stands_with_its_source_and_age(tmp_path: Path) -> None:
    (tmp_path / "market").mkdir()
    rows = "title,days_to_fill,source,as_of\nengineer *,30,a survey,2024-01-31\n"
    (tmp_path / "market" / "old.csv").write_text(rows, "utf-8")
    with filled(tmp_path, SMALL) as services:
        report = collect_report(services, ReportOptions())
    page = render_page(report)
    line = report.accounts[0].overview.requisitions[0]
    opened = line.instant("opened_at")
    assert opened is not None
    days = (NOW - opened).days
    assert f"open for {days} day" in page
    assert "the market takes 30" in page
    assert "the table is 2 years old" in page
    assert "1 older than a year: ask for a newer survey" in page
    assert to_document(report)["accounts"][0]["requisitions"][0]["market_days"] == 30


def test_without_a_market_table_the_page_says_so(tmp_path: Path) -> None:
    with filled(tmp_path, SMALL) as services:
        page = render_page(collect_report(services, ReportOptions()))
    assert "none: no role is compared with the market" in page
    assert "Time to fill" not in page


def test_targets_of_stages_are_named(tmp_path: Path) -> None:
    with filled(tmp_path, SMALL) as services:
        page = render_page(collect_report(services, ReportOptions()))
    assert "Next step within 3 working days" in page
