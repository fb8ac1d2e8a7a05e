"""What a new brief says of the market: the row that rules compare with."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from benchmarks.report_store import StoreSize
from tests.report.conftest import filled

from atsbridge.context import AccountContext
from atsbridge.model import Key
from atsbridge.queries import SearchFactsReader, read_market_text

SIZE = StoreSize(requisitions=2, applications=2, promises=2, cases=0, pairs=2)
MARKET = """\
title,country,days_to_fill,source,as_of
engineer *,,45,everywhere,2026-01-31
engineer *,DE,60,in Germany,2026-01-31
"""


def test_the_country_that_the_ats_has_chooses_the_row(tmp_path: Path) -> None:
    (tmp_path / "market").mkdir()
    (tmp_path / "market" / "2026.csv").write_text(MARKET, "utf-8")
    with filled(tmp_path, SIZE) as services:
        with sqlite3.connect(tmp_path / "atsbridge.db") as base:
            base.execute(
                "INSERT INTO offices (account, id, name, country, parts)"
                " SELECT 'acme', 'o1', 'Berlin', 'DE', max(parts) FROM users"
            )
            base.execute("UPDATE requisitions SET office = 'o1'")
        reader = SearchFactsReader(AccountContext(services, "acme"))
        assert reader.find_market_days("r0") == 60
        said = read_market_text(services, Key("acme", "requisition", "r0"))
        assert said == "60 days to fill (in Germany, 2026-01-31)"


_HEAD = "title,country,currency,period,p25,p50,p75,days_to_fill,source,as_of\n"
_SAID = {
    "engineer *,,EUR,year,52000,60000,70000,55,survey,2026-01-31": (
        "52,000 to 70,000, median 60,000 EUR a year, 55 days to fill (survey, 2026-01-31)"
    ),
    "engineer *,,EUR,year,52000,,70000,,survey,2026-01-31": (
        "52,000 to 70,000 EUR a year (survey, 2026-01-31)"
    ),
    "engineer *,,EUR,year,,60000,,,survey,2026-01-31": (
        "median 60,000 EUR a year (survey, 2026-01-31)"
    ),
    "engineer *,,EUR,hour,,,70,,survey,2024-01-31": (
        "75th percentile 70 EUR an hour (survey, 2024-01-31: more than a year old)"
    ),
    # Each figure from the row that fits best among those that have it.
    "engineer *,DE,EUR,year,52000,,70000,,in Germany,2026-01-31\n"
    "engineer *,,EUR,year,45000,50000,60000,45,everywhere,2026-01-31": (
        "52,000 to 70,000 EUR a year (in Germany, 2026-01-31);"
        " 45 days to fill (everywhere, 2026-01-31)"
    ),
    "nobody,,EUR,year,1,2,3,4,survey,2026-01-31": "no row of the market tables fits this role",
}


@pytest.mark.parametrize("rows", _SAID)
def test_the_market_line_has_every_figure_that_the_table_has(tmp_path: Path, rows: str) -> None:
    """Pay with its median, and the time to fill; a row without a median fits too."""
    (tmp_path / "market").mkdir()
    (tmp_path / "market" / "2026.csv").write_text(f"{_HEAD}{rows}\n", "utf-8")
    with filled(tmp_path, SIZE) as services:
        with sqlite3.connect(tmp_path / "atsbridge.db") as base:
            base.execute(
                "INSERT INTO offices (account, id, name, country, parts)"
                " SELECT 'acme', 'o1', 'Berlin', 'DE', max(parts) FROM users"
            )
            base.execute("UPDATE requisitions SET office = 'o1'")
        assert read_market_text(services, Key("acme", "requisition", "r0")) == _SAID[rows]
