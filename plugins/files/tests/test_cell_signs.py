"""Cells in which a sign stands for nothing, and cells that a spreadsheet has spoiled."""

from __future__ import annotations

from typing import Any

import pytest

HEAD = "Req,Title,Status,Opened,Manager,Recruiters\n"


@pytest.fixture
def roles(roles: Any) -> Any:
    """A table of roles with people."""
    columns = roles.tables["roles"]["requisition"]["columns"]
    columns |= {"hiring_manager": "Manager", "recruiter": "Recruiters"}
    return roles


def team(roles: Any) -> dict[str, str]:
    return {one.id: one.user for one in roles.records("team_member").values()}


@pytest.mark.parametrize("sign", ["-", "–", "NULL", "None", "NaN", "(blank)"])
def test_a_sign_of_nothing_is_an_empty_cell(roles: Any, sign: str) -> None:
    """It is neither a colleague nor a second format of dates, and no id."""
    rows = "".join(f"R-{n},Cook,open,03.11.2026,kim@acme.example,\n" for n in range(30))
    roles.write(
        "roles.csv", f"{HEAD}{rows}R-77,{sign},open,{sign},{sign},{sign}; lee@acme.example\n"
    )
    assert roles.errors() == {}
    found = roles.records("requisition")
    assert found["R-3"].opened_at is not None
    assert (found["R-77"].title, found["R-77"].opened_at) == (None, None)
    assert roles.records("user").keys() == {"kim@acme.example", "lee@acme.example"}
    assert team(roles)["R-77:recruiter"] == "lee@acme.example"
    assert "R-77:hiring_manager" not in team(roles)
    roles.write("roles.csv", f"{HEAD}{rows}{sign},Cook,open,03.11.2026,,\n")
    assert roles.sync(max_bad=1.0).streams[-1].bad == 1


@pytest.mark.parametrize("sign", ["TBD", "n/a", "Unassigned", "vacant", "?"])
def test_whoever_is_not_known_yet_is_nobody(roles: Any, sign: str) -> None:
    roles.write("roles.csv", f"{HEAD}R-1,Cook,open,2026-11-03,{sign},lee@acme.example; {sign}\n")
    assert roles.errors() == {}
    assert roles.records("user").keys() == {"lee@acme.example"}
    assert team(roles) == {"R-1:recruiter": "lee@acme.example"}


def test_a_sign_may_be_translated(roles: Any) -> None:
    roles.tables["roles"]["requisition"]["values"] = {
        "status": {"-": "open"},
        "hiring_manager": {"TBD": "kim@acme.example"},
    }
    roles.write("roles.csv", HEAD + "R-1,Cook,-,2026-11-03,TBD,\n")
    assert roles.errors() == {}
    assert roles.records("requisition")["R-1"].status == "open"
    assert team(roles) == {"R-1:hiring_manager": "kim@acme.example"}


@pytest.mark.parametrize("cell", ["#N/A", "#REF!", "#DIV/0!", "#WERT!", "#NV", "########"])
def test_an_error_of_a_formula_costs_its_row_and_names_its_place(roles: Any, cell: str) -> None:
    """And accuses nobody; the dates of the other rows stay readable."""
    rows = "".join(f"R-{n},Cook,open,03.11.2026,kim@acme.example,\n" for n in range(30))
    roles.write("roles.csv", HEAD + rows)
    roles.sync()
    spoiled = rows.replace("R-7,Cook,open,03.11.2026", f"R-7,Dean,open,{cell}")
    spoiled = spoiled.replace("R-8,Cook,open,03.11.2026,kim@acme.example", f"R-8,Dean,open,,{cell}")
    roles.write("roles.csv", HEAD + spoiled)
    report = roles.sync(max_bad=0.1)
    assert [one for stream in report.streams for one in stream.samples] == [
        'roles/R-7: roles.csv:9, column "Opened": a formula has an error here',
        'roles/R-8: roles.csv:10, column "Manager": a formula has an error here',
    ]
    assert roles.records("user").keys() == {"kim@acme.example"}
    assert roles.records("requisition")["R-8"].title == "Cook", "what was known stays"
    assert roles.records("requisition")["R-3"].opened_at is not None


@pytest.mark.parametrize("cell", ["1.23457E+17", '"1,2E+11"', "4E+15"])
def test_an_id_that_a_spreadsheet_has_shortened_is_none(roles: Any, cell: str) -> None:
    rows = "".join(f"R-{n},Cook,open,2026-11-03,,\n" for n in range(30))
    roles.write("roles.csv", f"{HEAD}{rows}{cell},Cook,open,2026-11-03,,\n")
    assert roles.sync().streams[-1].bad == 1
    assert len(roles.records("requisition")) == 30
    (line,) = [one for one in roles.open().check() if one.warning]
    assert line.detail.endswith("the first: roles.csv:32")


def test_a_date_that_is_none_is_not_called_another_format(roles: Any) -> None:
    roles.write("roles.csv", HEAD + "R-1,Cook,open,soon,,\n")
    (line,) = [one for one in roles.open().check() if one.warning]
    assert "line 2 holds no date in a known form" in line.detail
    roles.write("roles.csv", HEAD + "R-1,Cook,open,03.11.2026,,\nR-2,Cook,open,31.02.2026,,\n")
    (line,) = [one for one in roles.open().check() if one.warning]
    assert "line 3 holds no date in the form of the lines before" in line.detail


@pytest.mark.parametrize(
    "cell",
    [
        "Kim Doe <kim@acme.example>; lee@acme.example",
        '"Doe, Kim <KIM@acme.example>, mailto:lee@acme.example"',
        '"kim@acme.example, lee@acme.example"',
    ],
)
def test_addresses_as_mail_programs_write_them(roles: Any, cell: str) -> None:
    roles.write("roles.csv", f"{HEAD}R-1,Cook,open,2026-11-03,Kim Doe <kim@acme.example>,{cell}\n")
    assert roles.errors() == {}
    assert roles.records("user").keys() == {"kim@acme.example", "lee@acme.example"}
    assert team(roles) == {
        "R-1:hiring_manager": "kim@acme.example",
        "R-1:recruiter": "kim@acme.example",
        "R-1:recruiter:1": "lee@acme.example",
    }


def test_names_with_commas_stay_whole(roles: Any) -> None:
    roles.write("roles.csv", f'{HEAD}R-1,Cook,open,2026-11-03,"Doe, Kim","Doe, Kim; Roe, Lee"\n')
    assert roles.errors() == {}
    assert roles.records("user").keys() == {"doe, kim", "roe, lee"}
