"""What changes from one export to the next, and what stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from atsbridge_files.settings import FilesSettings

HEAD = "Req,Title,Status,Opened\n"


def rows(*numbers: int) -> str:
    return "".join(f"R-{n},Engineer {n},open,2026-11-03\n" for n in numbers)


def test_an_unchanged_export_writes_nothing(roles: Any) -> None:
    roles.write("roles.csv", HEAD + rows(1, 2, 3))
    roles.sync()
    report = roles.sync()
    assert [(s.new, s.changed, s.deleted, s.unchanged) for s in report.streams] == [(0, 0, 0, 0)]


def test_an_unchanged_export_is_not_even_opened(roles: Any, monkeypatch: Any) -> None:
    """By name, size and times, also at night. Another mapping reads it anew."""
    roles.write("roles.csv", HEAD + rows(1, 2, 3))
    roles.sync()

    def opened(*_: object) -> None:
        raise AssertionError("it was opened")

    with monkeypatch.context() as patch:
        patch.setattr("atsbridge_files.export_files.FolderStore.open", opened)
        assert roles.errors() == {}
        assert roles.errors(nightly=True) == {}
        roles.tables["roles"]["requisition"]["columns"].pop("status")
        with pytest.raises(AssertionError, match="it was opened"):
            roles.read("roles")


def test_a_file_that_was_only_touched_costs_no_row(roles: Any) -> None:
    roles.write("roles.csv", HEAD + rows(1, 2, 3))
    roles.sync()
    roles.write("roles.csv", HEAD + rows(1, 2, 3), age=timedelta(minutes=5))
    (report,) = roles.sync().streams
    assert (report.unchanged, report.reread) == (0, "")


def test_a_change_is_read_without_a_word_to_ops(roles: Any) -> None:
    roles.write("roles.csv", HEAD + rows(1, 2, 3))
    roles.sync()
    roles.write("roles.csv", HEAD + rows(1, 2, 3, 4))
    (report,) = roles.sync().streams
    assert (report.new, report.unchanged, report.reread) == (1, 3, "")


def test_absence_deletes_only_where_it_is_declared(roles: Any) -> None:
    roles.write("roles.csv", HEAD + rows(*range(60)))
    roles.sync()
    roles.write("roles.csv", HEAD + rows(*range(59)))
    roles.sync()
    assert len(roles.records("requisition")) == 60
    roles.tables["roles"]["requisition"] = {
        **roles.tables["roles"]["requisition"],
        "complete": True,
    }
    roles.sync()
    assert len(roles.records("requisition")) == 59


def test_half_an_export_deletes_nothing(roles: Any) -> None:
    roles.tables["roles"]["requisition"] = {
        **roles.tables["roles"]["requisition"],
        "complete": True,
    }
    roles.write("roles.csv", HEAD + rows(*range(60)))
    roles.sync()
    roles.write("roles.csv", HEAD + rows(*range(30)))
    assert "30 of 60 records are missing at once" in roles.errors()["roles"]
    assert len(roles.records("requisition")) == 60


def test_an_export_of_nothing_deletes_nothing(roles: Any) -> None:
    roles.tables["roles"]["requisition"] = {
        **roles.tables["roles"]["requisition"],
        "complete": True,
    }
    roles.write("roles.csv", HEAD + rows(1, 2))
    roles.sync()
    roles.write("roles.csv", HEAD)
    assert roles.errors()
    assert len(roles.records("requisition")) == 2


@pytest.fixture
def interviews(exports: Any) -> Any:
    """A table of interviews with their panels."""
    exports.tables["interviews"] = {
        "files": "interviews.csv",
        "interview": {
            "key": ["Candidate", "Day"],
            "columns": {
                "application": {"key": ["Candidate"]},
                "starts_at": "Day",
                "interviewers": "Panel",
                "feedback_at": "Feedback",
            },
        },
    }
    return exports


def test_a_panel_becomes_seats_with_scorecards(interviews: Any) -> None:
    head = "Candidate,Day,Panel,Feedback\n"
    interviews.write("interviews.csv", head + "Kim,2026-11-20 10:00,a@x.example; b@x.example,\n")
    interviews.sync()
    (one,) = interviews.records("interview").values()
    assert (one.starts_at.isoformat(), one.ends_at.hour) == ("2026-11-20T09:00:00+00:00", 10)
    assert {seat.user for seat in interviews.records("seat").values()} == {
        "a@x.example",
        "b@x.example",
    }
    assert all(seat.feedback_required for seat in interviews.records("seat").values())
    interviews.write("interviews.csv", head + "Kim,2026-11-20 10:00,a@x.example,2026-11-21\n")
    interviews.sync()
    (seat,) = interviews.records("seat").values()
    card = interviews.records("scorecard")[seat.scorecard]
    assert (card.author, card.submitted_at.day) == ("a@x.example", 21)


def test_people_by_name_lead_to_their_address(exports: Any) -> None:
    exports.tables |= {
        "people": {
            "files": "people.csv",
            "user": {"id": "ID", "columns": {"name": "Name", "email": "Mail"}},
        },
        "roles": {
            "files": "roles.csv",
            "requisition": {
                "id": "Req",
                "columns": {"recruiter": {"header": "Recruiter", "by": "name"}},
            },
        },
    }
    people = "ID,Name,Mail\n7,Anna Alt,Anna@x.example\n8,Bo Bo,bo@x.example\n9,bo bo,b2@x.example\n"
    exports.write("people.csv", people)
    others = "".join(f"O{n},Anna Alt\n" for n in range(60))
    exports.write("roles.csv", f"Req,Recruiter\nR2,Bo Bo\nR3,Zelda Planted\nR4,\n{others}")
    report = exports.sync()
    (samples,) = [s.samples for s in report.streams if s.stream == "roles"]
    assert 'column "Recruiter": several records have this name' in samples[0]
    assert 'column "Recruiter": no user of the exports has this name' in samples[1]
    assert "Zelda" not in repr(report)
    assert {one.user for one in exports.records("team_member").values()} == {"7"}
    assert exports.records("requisition").keys() >= {"R4", "O1"}


def test_an_address_is_one_whatever_its_capitals(exports: Any) -> None:
    """Settings, briefs and absences know people by their address in lower case."""
    columns = {"name": "Name", "email": "Mail"}
    exports.tables["people"] = {"files": "p.csv", "user": {"id": "ID", "columns": columns}}
    exports.write("p.csv", "ID,Name,Mail\n7,Anna Alt, Anna.Alt@X.example \n8,Bo,\n")
    exports.sync()
    found = exports.records("user")
    assert (found["7"].email, found["8"].email) == ("anna.alt@x.example", None)


@pytest.mark.parametrize("at", ["2026-11-03 09:00:00+00", "2026-11-03 14:30:00.5+0530"])
def test_an_offset_is_read_as_databases_write_it(roles: Any, at: str) -> None:
    """PostgreSQL leaves out the minutes of whole hours."""
    roles.write("roles.csv", HEAD + f"R-1,Engineer,open,{at}\n")
    (report,) = roles.sync().streams
    assert not report.losses
    assert roles.records("requisition")["R-1"].opened_at.isoformat() == "2026-11-03T09:00:00+00:00"


@pytest.mark.parametrize("day", ["03 May 2026", "May 3, 2026"])
def test_a_month_that_is_its_own_abbreviation_is_no_doubt(roles: Any, day: str) -> None:
    """In an export of May both readings name the same day."""
    roles.write("roles.csv", HEAD + f'R-1,Engineer,open,"{day}"\n')
    (report,) = roles.sync().streams
    assert not report.losses
    assert roles.records("requisition")["R-1"].opened_at.isoformat()[:10] == "2026-05-03"


def test_dates_that_may_be_either_are_unknown(roles: Any) -> None:
    text = HEAD + "R-1,Engineer,open,03/04/2026\nR-2,Engineer,open,05/06/2026\n"
    roles.write("roles.csv", text)
    (report,) = roles.sync().streams
    assert "requisition.opened_at" in str(report.losses)
    (line,) = [one for one in roles.open().check() if one.warning]
    assert "dates fit %d/%m/%Y or %m/%d/%Y" in line.detail
    assert roles.records("requisition")["R-1"].opened_at is None
    roles.write("roles.csv", text + "R-3,Engineer,open,25/06/2026\n")
    roles.sync()
    assert roles.records("requisition")["R-1"].opened_at.isoformat()[:10] == "2026-04-03"


def test_two_formats_in_one_column_are_unknown(roles: Any) -> None:
    text = HEAD + "R-1,Engineer,open,2026-11-03\nR-2,Engineer,open,13.11.2026\n"
    roles.write("roles.csv", text)
    roles.sync()
    (line,) = [one for one in roles.open().check() if one.warning]
    assert "line 3 holds no date in the form of the lines before" in line.detail
    roles.tables["roles"]["requisition"]["columns"]["opened_at"] = {
        "header": "Opened",
        "dates": ["%Y-%m-%d", "%d.%m.%Y"],
    }
    roles.sync()
    assert [one.opened_at.day for one in roles.records("requisition").values()] == [3, 13]


@pytest.mark.parametrize(
    ("decimal", "text", "number"),
    [
        (",", "1.234,50", 1234.5),
        (",", "80.000", 80000),
        (".", "80,000", 80000),
        (".", "45.5", 45.5),
        (",", "€ 45,5", 45.5),
    ],
)
def test_numbers_have_the_marks_of_the_account(
    exports: Any, decimal: str, text: str, number: float
) -> None:
    exports.settings["decimal"] = decimal
    exports.tables["roles"] = {
        "files": "roles.csv",
        "requisition": {"id": "Req", "columns": {"pay_min": "Pay", "title": "Title"}},
    }
    exports.write("roles.csv", f"Req;Title;Pay\nR1;x;{text}\n")
    exports.sync()
    assert exports.records("requisition")["R1"].pay_min == number


def test_a_currency_is_a_code_or_unknown(exports: Any) -> None:
    """ "$" belongs to many; what the account says of a word of its export counts."""
    exports.tables["roles"] = {
        "files": "roles.csv",
        "requisition": {
            "id": "Req",
            "columns": {"pay_min": "Pay", "pay_currency": "Money"},
            "values": {"pay_currency": {"Euro": "EUR"}},
        },
    }
    exports.write("roles.csv", "Req,Pay,Money\nR1,1,usd\nR2,1,Euro\nR3,1,$\nR4,1,\n")
    exports.sync()
    found = exports.records("requisition")
    assert [found[f"R{n}"].pay_currency for n in (1, 2, 3, 4)] == ["USD", "EUR", None, None]


def test_a_mapping_that_changes_is_no_change_of_the_ats(roles: Any) -> None:
    roles.write("roles.csv", HEAD + "R-1,Engineer,Besetzt,2026-11-03\n")
    roles.sync()
    assert roles.records("requisition")["R-1"].status == "other:Besetzt"
    roles.tables["roles"]["requisition"] = {
        **roles.tables["roles"]["requisition"],
        "values": {"status": {"besetzt": "filled"}},
    }
    roles.sync()
    assert roles.records("requisition")["R-1"].status == "filled"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"folder": ""}, "write folder or base_url"),
        ({"base_url": "http://x.example", "folder": ""}, "write an address"),
        ({"dates_timezone": "Mars"}, "write a time zone"),
        ({"tables": {"a": {"files": "a"}}}, "map at least one kind"),
        (
            {"tables": {"a": {"files": "a", "user": {"columns": {}}}}},
            "write id (a header) or key",
        ),
        (
            {"tables": {"a": {"files": "a", "user": {"id": "x", "columns": {"pay": "y"}}}}},
            "user has no column pay; it has: created_at",
        ),
    ],
)
def test_wrong_settings_are_said(change: dict[str, Any], said: str) -> None:
    given = {"folder": "exports", "dates_timezone": "UTC", **change}
    with pytest.raises(ValueError, match=said.replace("(", r"\(").replace(")", r"\)")):
        FilesSettings.model_validate(given)
