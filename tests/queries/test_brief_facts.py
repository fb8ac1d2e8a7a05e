"""What a new brief says of the market: the row that rules compare with."""

from __future__ import annotations

import sqlite3
from pathlib import Path

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
