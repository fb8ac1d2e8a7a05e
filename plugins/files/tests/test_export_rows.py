"""Bad exports are refused by file and line, and what was known stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

HEAD = "Req,Title,Status,Opened\n"
ROW = "R-1,Engineer,open,2026-11-03\n"
Refusal = Callable[[Any, str | bytes], str]

# what is wrong -> the file, and what the error says.
BAD: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "roles.csv: this file is empty"),
    "another header": (
        "Req,Job title,Status,Opened\n" + ROW,
        'roles.csv:1: this export has no column "Title" (is it now "Job title"?)',
    ),
    "no header": (ROW * 3, 'no line at its beginning has the column "Req"'),
    "cut off in a row": (HEAD + ROW + "R-2,Engi", "roles.csv:3: this row has 2 cells"),
    "a row too long": (HEAD + ROW.strip() + ",x\n", "roles.csv:2: this row has 5 cells"),
    "an open quote": (HEAD + ROW + 'R-2,"Engineer,open,2026-11-03\n', "roles.csv:3: a quote"),
    "two encodings": (
        (HEAD + ROW.replace("Engineer", "Ingénieur")).encode()
        + ROW.replace("Engineer", "Ingénieur").encode("cp1252"),
        "roles.csv:3: from here on this file is not UTF-8",
    ),
    "two encodings, the other first": (
        (HEAD + ROW.replace("Engineer", "Ingénieur")).encode("cp1252")
        + ROW.replace("Engineer", "Ingénieur").encode(),
        "roles.csv:2: this line is not UTF-8, and others are",
    ),
    "a spreadsheet": (b"PK\x03\x04....", "this file is a spreadsheet or zip archive"),
    "a web page": ("<!doctype html><p>Please log in", "this file is a web page or XML"),
    "a header twice": (
        "Req,Title,Status,Opened,title\n" + ROW.strip() + ",x\n",
        'two columns are called "Title" (columns 2 and 5)',
    ),
    "half a list of JSON": ('[{"Req": "R-1", "Title": "Engi', "this JSON does not end"),
    "JSON without one list": ('{"a": [1], "b": [2]}', "has not one list of rows; lists: a, b"),
    "half a line of JSON": (
        '{"Req": "R-1", "Title": "x"}\n{"Req": "R-2", "Ti',
        "this row is no complete object",
    ),
    "cut off in UTF-16": (HEAD.encode("utf-16")[:-1], "ends in the middle of a character"),
}


@pytest.mark.parametrize(("content", "said"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused(
    roles: Any, refusal: Refusal, content: str | bytes, said: str
) -> None:
    roles.write("roles.csv", HEAD + ROW)
    roles.sync()
    assert roles.records("requisition").keys() == {"R-1"}
    assert said in refusal(roles, content)
    assert roles.records("requisition").keys() == {"R-1"}, "the last good file stays"


def test_no_error_shows_a_cell(roles: Any, refusal: Refusal) -> None:
    """A file without a header begins with a person."""
    for content in ("Zelda Planted,1,2,3\n", f"{HEAD}R-1,Zelda Planted,open\n"):
        assert "Zelda" not in refusal(roles, content)


GOOD: dict[str, str | bytes] = {
    "UTF-8": HEAD + ROW,
    "a byte order mark": "\ufeff" + HEAD + ROW,
    "UTF-16 from Excel": (HEAD + ROW).replace(",", "\t").encode("utf-16"),
    "UTF-16 without a mark": (HEAD + ROW).encode("utf-16-le"),
    "semicolons": (HEAD + ROW).replace(",", ";"),
    "bars": (HEAD + ROW).replace(",", "|"),
    "titles above": "Report of roles,,,\n,,,\n" + HEAD + ROW,
    "line ends of an old Mac": (HEAD + ROW).replace("\n", "\r"),
    "Windows line ends": (HEAD + ROW).replace("\n", "\r\n"),
    "no end of the last line": (HEAD + ROW).rstrip("\n"),
    "other case and spaces": " REQ , title,  Status ,opened\n" + ROW,
    "further columns": "x," * 3000 + HEAD + "1," * 3000 + ROW,
    "empty lines at the end": HEAD + ROW + ",,,\n\n",
    "a comma in quotes": HEAD + ROW.replace("Engineer", '"Engineer"'),
    "JSON": json.dumps([dict(zip(HEAD.strip().split(","), ROW.strip().split(","), strict=True))]),
    "JSON in an object": '{"Report_Entry": [{"Req": "R-1", "Title": "Engineer", "Status": "Open",'
    ' "Opened": "2026-11-03"}], "total": 1}',
    "JSON Lines": '{"Req": "R-1", "Title": "Engineer", "Status": "open", "Opened": "2026-11-03"}\n'
    * 2,
}


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_forms_that_are_read(roles: Any, refusal: Refusal, content: str | bytes) -> None:
    assert refusal(roles, content) == ""
    (role,) = roles.records("requisition").values()
    assert (role.id, role.title, role.status) == ("R-1", "Engineer", "open")
    assert role.opened_at.isoformat() == "2026-11-03T11:00:00+00:00", "noon in Berlin"


def test_a_code_page_is_guessed_and_said(roles: Any) -> None:
    text = HEAD + ROW.replace("Engineer", "Ingénieur à l'atelier près du château")
    roles.write("roles.csv", text.encode("cp1252"))
    assert roles.errors() == {}
    assert roles.records("requisition")["R-1"].title == "Ingénieur à l'atelier près du château"
    assert [one.detail for one in roles.open().check() if one.warning] == ["guessed: cp1252"]


def test_json_may_leave_out_what_is_empty(roles: Any) -> None:
    rows = [{"Req": f"R-{n}", "Title": "Engineer", "Status": "open"} for n in range(30)]
    roles.write("roles.csv", json.dumps(rows))
    assert roles.errors() == {}
    assert roles.records("requisition")["R-3"].opened_at is None


def test_an_id_with_two_values_is_left_out(roles: Any) -> None:
    roles.write("roles.csv", HEAD + ROW + ROW.replace("Engineer", "Designer") + ROW[1:])
    report = roles.sync(max_bad=1.0)
    assert report.streams[0].samples == (
        "roles/R-1: roles.csv:2: this id stands there twice, with different values",
    )
    assert roles.records("requisition").keys() == {"-1"}


def test_the_same_row_twice_is_one_record(roles: Any) -> None:
    roles.write("roles.csv", HEAD + ROW * 3)
    report = roles.sync()
    assert (report.streams[0].new, report.streams[0].bad) == (1, 0)


def test_a_row_without_an_id_is_counted(roles: Any) -> None:
    roles.write("roles.csv", HEAD + ROW + ",Engineer,open,\n")
    assert roles.sync(max_bad=1.0).streams[0].bad == 1
    (line,) = [one for one in roles.open().check() if one.warning]
    assert line.detail == "1 row has no id, left out; the first: roles.csv:3"


def test_a_bad_cell_costs_its_row_and_names_its_place(roles: Any) -> None:
    rows = "".join(f"R-{n},Engineer,open,2026-11-03\n" for n in range(30))
    roles.write("roles.csv", HEAD + rows)
    roles.sync()
    roles.tables["roles"]["requisition"]["columns"]["opened_at"] = {
        "header": "Opened",
        "dates": ["%Y-%m-%d"],
    }
    roles.write("roles.csv", HEAD + rows.replace("R-7,Engineer,open,2026", "R-7,Dean,open,soon"))
    report = roles.sync()
    (sample,) = report.streams[0].samples
    assert 'roles.csv:9, column "Opened": this is no date in the form %Y-%m-%d' in sample
    assert "soon" not in sample
    assert roles.records("requisition")["R-7"].title == "Engineer"


def test_the_latest_file_is_read(roles: Any) -> None:
    roles.write("roles-2026-11-22.csv", HEAD + ROW)
    roles.write("roles-2026-11-23.csv", HEAD + ROW.replace("R-1", "R-2"))
    roles.sync()
    assert roles.records("requisition").keys() == {"R-2"}
    roles.tables["roles"] = {**roles.tables["roles"], "take": "all"}
    roles.sync()
    assert roles.records("requisition").keys() == {"R-1", "R-2"}


@pytest.mark.parametrize("name", ["roles.csv.part", ".roles.csv", "~roles.csv", "roles.csv.tmp"])
def test_unfinished_files_are_no_exports(roles: Any, name: str) -> None:
    roles.tables["roles"] = {**roles.tables["roles"], "files": "*"}
    roles.write(name, HEAD + ROW)
    assert "no file has this name" in roles.errors()["roles"]


def test_a_file_that_is_being_written_is_left_to_the_next_run(roles: Any, clock: Any) -> None:
    roles.write("roles.csv", HEAD + ROW, age=timedelta(seconds=2))
    assert "written just now" in roles.errors()["roles"]
    clock.advance(timedelta(seconds=30))
    assert roles.errors() == {}


def test_an_old_export_is_not_believed(roles: Any) -> None:
    """Whoever acted since the export must not be reminded."""
    roles.write("roles.csv", HEAD + ROW, age=timedelta(hours=27))
    assert "this export is 27 hours old" in roles.errors()["roles"]
    roles.settings["max_age_hours"] = 48
    assert roles.errors() == {}


def test_a_missing_folder_and_file_are_named(roles: Any) -> None:
    assert "no file has this name" in roles.errors()["roles"]
    roles.settings["folder"] = "elsewhere"
    assert "there is no such folder" in roles.errors()["roles"]
