"""The recruiting spreadsheet of a small firm: one row for each candidate, saved by Excel.

A title stands above the header, cells are parted by semicolons, dates have the day first, and
people are known by e-mail address or name. Nothing has an id.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from atsbridge.sandbox import Company

ZONE = ZoneInfo("Europe/Berlin")
SHEET_HEADERS = (
    *("Candidate", "Role", "Hiring manager", "Recruiter", "Stage", "Stage since", "Status"),
    *("Applied on", "Interview date", "Interviewer", "Feedback on", "Notes"),
)
_STATUS = {"active": "In progress", "on_hold": "On hold", "hired": "Hired"}
_STATUS |= {"rejected": "Rejected", "withdrawn": "Withdrawn"}


def sheet_rows(company: Company) -> Iterator[dict[str, str]]:
    """The row of each candidate, in the order in which they applied."""
    people = {one.id: one.email for one in company.people}
    stays = _newest(company.records("stage_stay").values(), "application", "entered_at")
    interviews = _newest(company.records("interview").values(), "application", "starts_at")
    seats = {one.interview: one for one in _live(company, "seat") if one.user}
    cards, stages = company.records("scorecard"), company.records("stage")
    roles, teams = company.records("requisition"), _teams(company)
    for number, one in enumerate(_live(company, "application"), 1):
        role: Any = roles[one.requisition]
        stay, meeting = stays.get(one.id), interviews.get(one.id)
        seat = seats.get(meeting.id) if meeting is not None else None
        card: Any = cards.get(seat.scorecard) if seat is not None and seat.scorecard else None
        stage: Any = stages[one.stage] if one.stage else None
        team = teams.get(one.requisition, {})
        yield {
            "Candidate": f"{' '.join(company.candidate_name(one.candidate))} {number}",
            "Role": f"{role.title} {role.code or role.id}",
            "Hiring manager": people.get(team.get("hiring_manager", ""), ""),
            "Recruiter": people.get(team.get("recruiter", ""), ""),
            "Stage": stage.name if stage is not None else "",
            "Stage since": _instant(stay, "entered_at"),
            "Status": _STATUS[one.status],
            "Applied on": _instant(one, "applied_at"),
            "Interview date": _instant(meeting, "starts_at"),
            "Interviewer": people.get(seat.user, "") if seat is not None else "",
            "Feedback on": _instant(card, "submitted_at"),
            "Notes": 'said "maybe"; call again',
        }


def _live(company: Company, kind: str) -> list[Any]:
    return [one for one in company.records(kind).values() if one.deleted_at is None]


def _newest(records: Iterable[Any], parent: str, at: str) -> Mapping[str, Any]:
    """Id of the parent -> its newest record that has an instant and was not deleted."""
    having = [one for one in records if getattr(one, at) is not None and one.deleted_at is None]
    return {getattr(one, parent): one for one in sorted(having, key=lambda one: getattr(one, at))}


def _teams(company: Company) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for member in _live(company, "team_member"):
        if member.user:
            team = found.setdefault(member.requisition, {})
            if member.responsible or member.role not in team:
                team[member.role] = member.user
    return found


def _instant(record: Any, column: str) -> str:
    at: datetime | None = getattr(record, column, None)
    return at.astimezone(ZONE).strftime("%d.%m.%Y %H:%M") if at is not None else ""


def write_sheet(
    rows: Iterable[Mapping[str, str]],
    path: Path,
    *,
    encoding: str = "utf-8-sig",
    at: datetime | None = None,
) -> None:
    """Write the rows as Excel saves a sheet. `at`: when the file was written."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Recruiting pipeline", *[""] * (len(SHEET_HEADERS) - 1)])
        writer.writerow(SHEET_HEADERS)
        writer.writerows([row[header] for header in SHEET_HEADERS] for row in rows)
    if at is not None:
        os.utime(path, (at.timestamp(), at.timestamp()))
