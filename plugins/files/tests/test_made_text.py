"""Text that is UTF-8 already, whatever `encoding` says: of addresses and of workbooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import responses

from atsbridge.ports import Tools
from atsbridge_files.spec import SPEC

from .test_workbooks import workbook

TEXT = "Req,Title,Status,Opened\nR-1,Zoë Ångström,open,2026-11-03\n"


@pytest.mark.parametrize("encoding", ["", "latin-1", "utf-16"])
@pytest.mark.parametrize("charset", ["utf-8", "ISO-8859-1"])
def test_an_answer_is_read_in_the_charset_it_declares(
    exports: Any, tmp_path: Path, encoding: str, charset: str
) -> None:
    role = {"id": "Req", "columns": {"title": "Title", "status": "Status", "opened_at": "Opened"}}
    settings = SPEC.settings.model_validate(
        {
            "base_url": "https://reports.example",
            "dates_timezone": "Europe/Berlin",
            "tables": {"roles": {"files": "roles.csv", "requisition": role, "encoding": encoding}},
        }
    )
    connector = SPEC.open(settings, Tools("acme", exports.clock, folder=tmp_path))
    with responses.RequestsMock() as vendor:
        vendor.get(
            "https://reports.example/roles.csv",
            body=TEXT.encode(charset),
            content_type=f"text/csv; charset={charset}",
        )
        (page,) = connector.pages(connector.spec.stream("roles"))
    (row,) = page.rows
    assert "Zoë Ångström" in str(msgspec.json.decode(row))


def test_a_sheet_of_a_workbook_has_letters_of_its_own(roles: Any) -> None:
    """Its text is made here; `encoding` is for files of text."""
    roles.tables["roles"] |= {"files": "roles.xlsx", "encoding": "cp1252"}
    rows = [line.split(",") for line in TEXT.splitlines()]
    roles.write("roles.xlsx", workbook({"Sheet1": rows}))
    assert roles.sync()
    (role,) = roles.records("requisition").values()
    assert role.title == "Zoë Ångström"
