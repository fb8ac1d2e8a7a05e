"""`init` drafts the tables of a small firm's sheet, and they read the company."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from atsbridge.api import SettingsDraft, Tools
from atsbridge.sandbox import Company
from atsbridge_files.fake import sheet_rows, write_sheet
from atsbridge_files.header_terms import guess_column
from atsbridge_files.settings import FilesSettings
from atsbridge_files.spec import SPEC


@pytest.fixture(scope="module")
def company() -> Company:
    return Company(3, applications=60, requisitions=6)


def drafted(exports: Any) -> SettingsDraft:
    settings = FilesSettings.model_validate(exports.settings)
    assert SPEC.draft is not None
    return SPEC.draft(settings, Tools("acme", exports.clock, folder=exports.folder))


def save(company: Company, exports: Any) -> Path:
    exports.clock.advance(company.now - exports.clock.now())
    path: Path = exports.folder / "exports" / "Pipeline 2026-11-24.csv"
    write_sheet(sheet_rows(company), path, at=exports.clock.now() - timedelta(hours=1))
    return path


def test_a_sheet_becomes_the_company(company: Company, exports: Any) -> None:
    save(company, exports)
    draft = drafted(exports)
    exports.tables = draft.sections["tables"]
    assert exports.tables.keys() == {"pipeline"}
    assert exports.tables["pipeline"]["files"] == "Pipeline*.csv"
    assert exports.errors() == {}
    live = [one for one in company.records("application").values() if one.deleted_at is None]
    found = exports.records("application").values()
    assert len(found) == len(live)
    for status in ("active", "rejected", "hired", "withdrawn"):
        told = sum(one.status == status for one in found)
        assert told == sum(getattr(one, "status", "") == status for one in live), status
    given = [one for one in company.records("scorecard").values() if one.submitted_at]  # type: ignore[attr-defined]
    cards = [one for one in exports.records("scorecard").values() if one.submitted_at]
    assert 0 < len(cards) <= len(given)
    people = {one.email for one in company.people}
    assert {one.email for one in exports.records("user").values()} <= people
    assert exports.records("team_member")
    report = exports.sync()
    assert not any(s.new or s.changed or s.deleted for s in report.streams)


def test_no_name_of_a_candidate_is_stored(company: Company, exports: Any, tmp_path: Path) -> None:
    save(company, exports)
    exports.tables = drafted(exports).sections["tables"]
    exports.sync()
    stored = (tmp_path / "files.db").read_bytes()
    names = [" ".join(company.candidate_name(one)) for one in company.records("candidate")]
    assert [name for name in names if name.encode() in stored] == []


def test_three_files_lead_to_each_other(exports: Any) -> None:
    exports.write("people.csv", "Name,Email\nAnna Alt,anna@acme.example\n")
    exports.write("roles.csv", "Req ID,Job Title,Req Status,Hiring Manager\nR1,Dev,Open,Anna Alt\n")
    exports.write(
        "candidates.csv",
        "Candidate ID,Req ID,Stage,Status,Applied\nC1,R1,Onsite,Active,2026-11-03\n",
    )
    draft = drafted(exports)
    exports.tables = draft.sections["tables"]
    assert exports.errors() == {}
    (member,) = exports.records("team_member").values()
    assert (member.user, member.role) == ("anna@acme.example", "hiring_manager")
    (application,) = exports.records("application").values()
    assert application.requisition == "R1"
    assert "candidates.csv" not in " ".join(draft.notes)


def test_what_cannot_be_guessed_is_said(exports: Any) -> None:
    exports.write("notes.csv", "What,Ever\n1,2\n")
    exports.write("old.xlsx", b"PK\x03\x04...")
    exports.write("pipeline.csv", "Candidate,Role,Status,Applied\nK,Dev,Zzz,01/02/2026\n")
    said = "\n".join(drafted(exports).notes)
    assert "notes.csv: left out, because it was not understood" in said
    assert "old.xlsx: this Excel workbook is not whole" in said
    assert '"Zzz"' in said
    assert 'the dates of "Applied" fit %d/%m/%Y and %m/%d/%Y' in said
    assert "no column names the hiring manager" in said


def test_a_header_that_stands_there_twice_is_said(exports: Any) -> None:
    """It is not used, because nobody knows which column is meant."""
    exports.write("pipeline.csv", "Candidate,Role,Stage,Status,Stage\nK,Dev,Onsite,Active,Offer\n")
    said = drafted(exports).notes
    assert 'pipeline.csv: two columns are called "Stage". Rename one, and map the other' in said
    assert 'pipeline.csv: not used: "Stage"' in said


def test_an_empty_or_missing_folder_is_said(exports: Any) -> None:
    assert "write the tables by hand" in drafted(exports).notes[-1]
    exports.settings["folder"] = "nowhere"
    assert "there is no such folder" in drafted(exports).notes[0]


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Hiring Manager (Email)", "requisition.hiring_manager"),
        ("Stellenbezeichnung", "requisition.title"),
        ("Beworben am", "application.applied_at"),
        ("STAGE_DATE", "stage_stay.entered_at"),
        ("Fecha", ""),
    ],
)
def test_headers_in_several_languages(header: str, column: str) -> None:
    assert guess_column(header) == column
