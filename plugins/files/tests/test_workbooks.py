"""Excel workbooks: their values, their sheets, and files that are none or too much."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from atsbridge.ports import Tools
from atsbridge_files import workbook_text
from atsbridge_files.spec import SPEC

HEAD = ("Req", "Title", "Status", "Opened")
ROW = ("R-1", "Engineer", "open", datetime(2026, 11, 3, 9, 30))  # noqa: DTZ001  Excel knows no zone
Sheets = dict[str, Sequence[Sequence[Any]]]


def workbook(sheets: Sheets, hidden: str = "") -> bytes:
    """A workbook as Excel saves it."""
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name == hidden else "visible"
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def patched(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one of its parts changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", 8) as new:
        for one in old.namelist():
            new.writestr(one, change(old.read(one)) if one == part else old.read(one))
    return file.getvalue()


@pytest.fixture
def roles(roles: Any) -> Any:
    """A folder whose table of roles is a workbook."""
    roles.tables["roles"]["files"] = "roles*.xlsx"
    return roles


def errors(roles: Any, content: bytes) -> str:
    roles.write("roles.xlsx", content)
    return str(roles.errors().get("roles", ""))


def test_a_sheet_is_read_like_any_other_export(roles: Any) -> None:
    """Titles above, an empty row, text with a line break, a note beside the table."""
    rows = [("Open roles",), (), HEAD, ROW, (), ("R-2", " Lead\nengineer ", "closed")]
    rows += [("R-4", "Baker", "open", date(2026, 11, 4), "", "ask Kim")]
    assert (
        errors(roles, workbook({"Roles": [*rows, *[()] * 30, ("R-5", "x", "open", None, "y")]}))
        == ""
    )
    found = roles.records("requisition")
    assert found.keys() == {"R-1", "R-2", "R-4", "R-5"}
    assert found["R-2"].title == "Lead engineer"
    assert found["R-1"].opened_at.isoformat() == "2026-11-03T08:30:00+00:00", (
        "half past nine in Berlin"
    )
    assert found["R-4"].opened_at.isoformat() == "2026-11-04T11:00:00+00:00", "noon of that day"


def test_cells_have_their_types(roles: Any) -> None:
    """Numbers in the account's own form, whole ones without a point, and yes or no."""
    roles.settings["decimal"] = ","
    columns = {"title": "Title", "status": {"value": "open"}, "headcount": "Heads"}
    columns |= {"confidential": "Secret", "pay_min": "From", "code": "Code"}
    roles.tables["roles"]["requisition"] = {"id": "Req", "columns": columns}
    head = ("Req", "Title", "Heads", "Secret", "From", "Code")
    rows = [
        head,
        (4711, "Engineer", 2.0, True, 51_000.5, 12),
        (4712, "Baker", None, False, 0.1 + 0.2, "=A2"),
        (1.2e17, "Cook", None, None, None, None),
    ]
    content = patched(
        workbook({"Roles": rows}),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"<f>A2</f><v />", b"<f>A2</f><v>4711</v>").replace(
            b"<f>A2</f><v></v>", b"<f>A2</f><v>4711</v>"
        ),
    )
    assert errors(roles, content) == ""
    found = roles.records("requisition")
    assert found["120000000000000000"].title == "Cook", "an id with all its digits"
    first, second = found["4711"], found["4712"]
    assert (first.headcount, first.confidential, float(first.pay_min), first.code) == (
        2,
        True,
        51_000.5,
        "12",
    )
    assert (second.headcount, second.confidential, second.code) == (None, False, "4711")
    assert float(second.pay_min) == 0.3


def test_a_cell_that_does_not_fit_is_named_by_sheet_row_and_column(roles: Any) -> None:
    roles.tables["roles"]["sheet"] = "roles"
    rows = [("Open roles",), (), HEAD, ROW, (), ("R-2", "Lead", "open", "soon")]
    roles.tables["roles"]["requisition"]["columns"]["opened_at"] = {
        "header": "Opened",
        "dates": "%Y-%m-%d",
    }
    roles.write("roles.xlsx", workbook({"Roles": rows, "Notes": [("x",)]}))
    (report,) = roles.sync(max_bad=1.0).streams
    assert report.samples == (
        'roles/R-2: roles.xlsx [roles]:6, column "Opened": this is no date in the form %Y-%m-%d',
    )


def test_a_sheet_is_chosen_by_its_name(roles: Any) -> None:
    """Whatever its case, also a hidden one; without a name only if Excel shows a single one."""
    one, two = [HEAD, ROW], [HEAD, ROW, ("R-2", *ROW[1:])]
    content = workbook({"Open": one, "Old": two})
    assert 'this workbook has several sheets: it has "Open", "Old"' in errors(roles, content)
    assert errors(roles, workbook({"Open": one, "Old": two}, hidden="Old")) == ""
    assert roles.records("requisition").keys() == {"R-1"}
    roles.tables["roles"]["sheet"] = "OLD"
    assert errors(roles, workbook({"Open": one, "Old": two}, hidden="Old")) == ""
    assert roles.records("requisition").keys() == {"R-1", "R-2"}
    roles.tables["roles"]["sheet"] = "Open "
    assert errors(roles, workbook({" Open": one, "Old": two})) == ""
    assert roles.records("requisition").keys() == {"R-1", "R-2"}, "nothing is deleted"
    roles.tables["roles"]["sheet"] = "Older"
    assert 'this workbook has no sheet "Older": it has "Open", "Old"' in errors(roles, content)


def test_an_unchanged_workbook_is_not_opened(roles: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a changed one once for all lists that need it."""
    opened: list[str] = []
    real = workbook_text.sheet_text

    def counted(stream: Any, name: str, *more: str) -> bytes:
        opened.append(name)
        return real(stream, name, *more)

    monkeypatch.setattr("atsbridge_files.export_files.sheet_text", counted)
    roles.tables["roles"]["requisition"]["columns"]["recruiter"] = "Recruiter"
    roles.write("roles.xlsx", workbook({"R": [(*HEAD, "Recruiter"), (*ROW, "kim@acme.example")]}))
    assert roles.errors() == {}
    assert roles.records("user").keys() == {"kim@acme.example"}
    assert opened == ["roles.xlsx"]
    assert roles.errors() == {}
    assert opened == ["roles.xlsx"]


def _lying(content: bytes) -> bytes:
    """The sizes of all parts in the archive's own list are small."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sizes = {one.file_size.to_bytes(4, "little") for one in archive.infolist()}
    for size in sizes:
        content = content.replace(size, (10).to_bytes(4, "little"))
    return content


ENTITIES = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
BAD: dict[str, tuple[bytes, str]] = {
    "cut off": (workbook({"R": [HEAD, ROW]})[:-80], "this Excel workbook is not whole"),
    "an archive of something else": (
        patched(workbook({"R": [HEAD]}), "xl/workbook.xml", lambda _: b"<x/>"),
        "it has no sheet that Excel shows",
    ),
    "lying sizes": (_lying(workbook({"R": [HEAD, ROW]})), "workbook is"),
    "entities": (
        patched(
            workbook({"R": [HEAD, ROW]}),
            "xl/worksheets/sheet1.xml",
            lambda xml: (
                b'<!DOCTYPE x [<!ENTITY e0 "xxxxxxxxxx">'
                + ENTITIES
                + b"]>"
                + xml.replace(b"Engineer", b"&e9;")
            ),
        ),
        "damaged or not whole",
    ),
    "of an old form": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel document of an old form"),
    "a web page": (b"<html>Please log in", "this file is a web page or XML"),
}


@pytest.mark.parametrize(("content", "said"), BAD.values(), ids=BAD)
def test_what_is_no_whole_workbook_is_refused(roles: Any, content: bytes, said: str) -> None:
    """What the last good one said stays."""
    assert errors(roles, workbook({"R": [HEAD, ROW]})) == ""
    assert said in errors(roles, content)
    assert roles.records("requisition").keys() == {"R-1"}


@pytest.mark.parametrize("bound", ["MAX_UNPACKED", "MAX_TEXT", "MAX_PARTS"])
def test_the_size_of_a_workbook_is_bounded(
    roles: Any, bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_text, bound, 4)
    assert "MB" in errors(roles, workbook({"R": [HEAD, *[ROW] * 30]}))


def test_a_cell_far_away_costs_nothing(roles: Any) -> None:
    """At the last row and column that Excel has."""
    made = openpyxl.Workbook()
    for row in (HEAD, ROW):
        made.worksheets[0].append(row)
    made.worksheets[0].cell(1_048_576, 16_384).value = "here"
    file = io.BytesIO()
    made.save(file)
    assert errors(roles, file.getvalue()) == ""
    assert roles.records("requisition").keys() == {"R-1"}


def test_without_the_library_it_says_what_to_install(
    roles: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert "this file is an Excel workbook" in errors(roles, workbook({"R": [HEAD, ROW]}))
    (line,) = [one for one in roles.open().check() if one.what == "read roles"]
    assert "atsbridge-files[xlsx]" in line.remedy


def test_each_sheet_of_a_workbook_is_a_table(exports: Any) -> None:
    """Of a workbook with a single sheet nobody has to name it."""
    people = [("Name", "Email"), ("Anna Alt", "anna@acme.example")]
    roles = [
        ("Req ID", "Job Title", "Req Status", "Hiring Manager"),
        ("R1", "Dev", "Open", "Anna Alt"),
    ]
    candidates = [
        ("Candidate ID", "Req ID", "Stage", "Status", "Applied"),
        ("C1", "R1", "Onsite", "Active", datetime(2026, 11, 3)),  # noqa: DTZ001
    ]
    exports.write("people.xlsx", workbook({"Sheet1": people}))
    exports.write("hiring 2026-11.xlsx", workbook({"Roles": roles, "Pipeline": candidates}))
    settings = SPEC.settings.model_validate(exports.settings)
    assert SPEC.draft is not None
    draft = SPEC.draft(settings, Tools("acme", exports.clock, folder=exports.folder))
    exports.tables = draft.sections["tables"]
    assert {name: (one["files"], one.get("sheet")) for name, one in exports.tables.items()} == {
        "people": ("people.xlsx", None),
        "hiring_roles": ("hiring*.xlsx", "Roles"),
        "hiring_pipeline": ("hiring*.xlsx", "Pipeline"),
    }
    assert exports.errors() == {}
    (application,) = exports.records("application").values()
    assert (application.requisition, str(application.applied_at)[:10]) == ("R1", "2026-11-03")
    (member,) = exports.records("team_member").values()
    assert member.user == "anna@acme.example"
