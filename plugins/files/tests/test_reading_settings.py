"""What an account says about how cells are read."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("text", ["80.000", "80,000", "€ 1.250"])
def test_a_number_that_may_be_thousands_or_a_fraction_is_refused(exports: Any, text: str) -> None:
    """Unless the account says what separates decimals. Other numbers are clear."""
    columns = {"pay_min": "Pay", "title": "Title"}
    exports.tables["roles"] = {
        "files": "roles.csv",
        "requisition": {"id": "Req", "columns": columns},
    }
    exports.write("roles.csv", f"Req;Title;Pay\nR1;x;{text}\nR2;x;80000\nR3;x;80000.50\n")
    (report,) = exports.sync(max_bad=1.0).streams
    (sample,) = report.samples
    assert 'roles.csv:2, column "Pay": this may be thousands or a fraction: state decimal' in sample
    assert exports.records("requisition").keys() == {"R2", "R3"}
    exports.settings["decimal"] = ","
    exports.sync(max_bad=1.0)
    assert "R1" in exports.records("requisition")


def test_other_settings_of_an_unchanged_export_count_at_once(roles: Any) -> None:
    """Whoever corrects the zone of its dates need not export again."""
    roles.write("roles.csv", "Req,Title,Status,Opened\nR-1,Engineer,open,2026-11-03 09:00\n")
    roles.sync()
    assert roles.records("requisition")["R-1"].opened_at.hour == 8
    roles.settings["dates_timezone"] = "America/New_York"
    roles.sync()
    assert roles.records("requisition")["R-1"].opened_at.hour == 14
