"""The company, served as Lever over real HTTP and read back, is the company: field by field.

Compared by what the spec declares; where Lever says less, the loss is spelt out here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from atsbridge.model.catalogue import KINDS
from atsbridge.ports import Tools
from atsbridge.sandbox.company import Company
from atsbridge.sandbox.http import Fake
from atsbridge.timesource import ManualTime
from atsbridge_lever.connector import Lever
from atsbridge_lever.fake import company_ids, serve
from atsbridge_lever.spec import SIGNALS, SPEC

Records = dict[str, dict[str, dict[str, Any]]]  # kind -> id -> values


def read(lever: Lever, *, all_of_it: bool = True) -> Records:
    """Every stream to its end, children of all wanted parents; archived ones too."""
    records: Records = defaultdict(lambda: defaultdict(dict))
    wanted: dict[str, list[str]] = defaultdict(list)
    begin = lever.session.time.now() - timedelta(days=4000)
    for stream in SPEC.streams:
        window = (begin, lever.session.time.now()) if all_of_it and stream.since else None
        parents = [None] if stream.parent is None else wanted[stream.name]
        for parent in parents:
            pages = lever.pages(stream, window=window, parents=[parent] if parent else ())
            for raw in (raw for page in pages for raw in page.rows):
                row = msgspec.json.decode(raw, type=stream.row)
                for fragment in stream.normalise(row):
                    records[fragment.kind][fragment.id].update(fragment.values)
                for child in SPEC.streams:
                    of = child.parent
                    if of and of.stream == stream.name and of.wanted(row):
                        wanted[child.name] += [row.id] * (row.id not in wanted[child.name])
    return records


@pytest.fixture(scope="module")
def lived() -> tuple[Records, Company]:
    """What Lever tells of a company that has lived on since the fake was opened."""
    company = Company(2, applications=600, new_id=company_ids, pipeline="shared")
    clock = ManualTime(company.now)
    with serve(company, clock, confidential=True) as fake:
        lever = SPEC.open(SPEC.settings(**fake.settings), Tools("acme", clock))
        clock.advance(timedelta(days=30))
        assert isinstance(lever, Lever)
        found = read(lever)
        lever.close()
    return found, company


@pytest.fixture
def found(lived: tuple[Records, Company]) -> Records:
    """What was read."""
    return lived[0]


@pytest.fixture
def company(lived: tuple[Records, Company]) -> Company:
    """What is true."""
    return lived[1]


def truth(company: Company, kind: str) -> dict[str, Any]:
    return {id_: row for id_, row in company.records(kind).items() if row.gone_at is None}


def same(
    kind: str,
    found: Mapping[str, Mapping[str, Any]],
    rows: Iterable[Any],
    *,
    but: Iterable[str] = (),
) -> int:
    """Every column of the kind that was read equals the truth, but for those named; how many."""
    count = 0
    for row in rows:
        told = found[row.id]
        for column in told.keys() - set(but):
            assert told[column] == getattr(row, column), f"{kind}.{column} of {row.id}"
        count += 1
    return count


def test_people_stages_and_reasons(found: Records, company: Company) -> None:
    """All of them, with their kinds; only whose decision a reason was is not Lever's to tell."""
    for kind in ("user", "stage"):
        rows = truth(company, kind)
        assert same(kind, found[kind], rows.values()) == len(found[kind]) == len(rows)
    reasons = truth(company, "reason")
    assert same("reason", found["reason"], reasons.values(), but=["kind"]) == len(reasons)
    for id_, row in reasons.items():
        expected = "ours" if row.kind == "theirs" else row.kind
        assert found["reason"][id_]["kind"] == expected


def test_searches(found: Records, company: Company) -> None:
    """Every search as it is, on hold too; its own fields come under Lever's names."""
    rows = truth(company, "requisition")
    loses = ("custom", "updated_at")
    assert same("requisition", found["requisition"], rows.values(), but=loses) == len(rows)
    assert len(found["requisition"]) == len(rows)
    for id_, row in rows.items():
        custom = found["requisition"][id_]["custom"]
        assert custom["priority"] == row.priority
        assert custom["target_hire_date"] == row.target_on.isoformat()


def test_teams(found: Records, company: Company) -> None:
    """The responsible recruiter and hiring manager of every search."""
    told = {(m["requisition"], m["role"]): m["user"] for m in found["team_member"].values()}
    held = {
        (m.requisition, m.role): m.user
        for m in truth(company, "team_member").values()
        if m.responsible and m.role in ("recruiter", "hiring_manager")
    }
    assert told == held


def test_applications(found: Records, company: Company) -> None:
    """Every one, archived or not; a withdrawal shows as a rejection."""
    rows = truth(company, "application")
    but = ("status", "tags", "url", "updated_at", "last_activity_at")
    assert same("application", found["application"], rows.values(), but=but) == len(rows)
    assert len(found["application"]) == len(rows)
    for id_, row in rows.items():
        expected = "rejected" if row.status == "withdrawn" else row.status
        assert found["application"][id_]["status"] == expected
    assert {"active", "hired", "rejected", "withdrawn"} == {row.status for row in rows.values()}
    assert found["candidate"].keys() == truth(company, "candidate").keys()


def test_activity(found: Records, company: Company) -> None:
    """The activity clock is the company's, where no offer moved it."""
    offered = {offer.application for offer in truth(company, "offer").values()}
    compared = 0
    for id_, row in truth(company, "application").items():
        if id_ not in offered:
            assert found["application"][id_]["last_activity_at"] == row.last_activity_at
            compared += 1
    assert compared > 100


def test_stays(found: Records, company: Company) -> None:
    """The whole road of every application, stage by stage."""
    told: dict[str, list[Any]] = defaultdict(list)
    for id_, stay in sorted(found["stage_stay"].items(), key=lambda s: int(s[0].split(":")[1])):
        assert id_.startswith(stay["application"])
        told[stay["application"]].append((stay["stage"], stay["entered_at"], stay["left_at"]))
    held: dict[str, list[Any]] = defaultdict(list)
    for stay in truth(company, "stage_stay").values():
        held[stay.application].append((stay.stage, stay.entered_at, stay.left_at))
    assert told == held


def test_interviews_seats_and_scorecards(found: Records, company: Company) -> None:
    """Every booked interview of those still in a stage with interviews, and who owes what."""
    read_of = {i["application"] for i in found["interview"].values()}
    rows = [
        row
        for row in truth(company, "interview").values()
        if row.starts_at and row.application in read_of
    ]
    but = ("status", "created_at")
    assert same("interview", found["interview"], rows, but=but) == len(found["interview"])
    word = {"awaiting_feedback": "scheduled"}
    for row in rows:
        told = found["interview"][row.id]["status"]
        owing = [s for s in truth(company, "seat").values() if s.interview == row.id]
        if row.status == "complete" and not any(s.feedback_required for s in owing):
            continue  # whoever owed has left: nobody to tell when it was over
        assert told == word.get(row.status, row.status)
    cards = {c.id: c for c in truth(company, "scorecard").values() if c.submitted_at}
    told_seats = {(s["interview"], s["user"]): s for s in found["seat"].values()}
    seats = [s for s in truth(company, "seat").values() if s.interview in found["interview"]]
    assert told_seats.keys() == {(s.interview, s.user) for s in seats}
    for seat in seats:
        told_seat = told_seats[seat.interview, seat.user]
        assert told_seat["feedback_required"] == seat.feedback_required
        assert told_seat["scorecard"] == (seat.scorecard if seat.scorecard in cards else None)
    given = {id_: c for id_, c in cards.items() if c.interview in found["interview"]}
    assert found["scorecard"].keys() == given.keys()
    assert len(given) > 20


def test_scorecards(found: Records, company: Company) -> None:
    """Author, instant and grades; undecided is nothing, and criteria go by their names."""
    criteria = truth(company, "criterion")
    for id_, told in found["scorecard"].items():
        card: Any = company.records("scorecard")[id_]
        assert (told["author"], told["submitted_at"]) == (card.author, card.submitted_at)
        assert told["recommendation"] == (card.recommendation or None)
        graded = {criteria[c].name: grade for c, grade in card.ratings.items() if grade}
        assert (told["ratings"] or {}) == graded


def test_offers(found: Records, company: Company) -> None:
    """Every offer of those in the offer pipeline; a refusal is undated and one word for two."""
    rows = truth(company, "offer")
    assert found["offer"]
    but = ("status", "resolved_at", "created_at")
    assert same("offer", found["offer"], [rows[o] for o in found["offer"]], but=but)
    for id_, told in found["offer"].items():
        row = rows[id_]
        assert told["status"] == ("rejected" if row.status == "deprecated" else row.status)
        assert told["resolved_at"] == (row.resolved_at if row.status == "accepted" else None)
    late = {a for a, row in truth(company, "application").items() if row.stage == "offer"}
    assert {row.application for row in rows.values() if row.application in late} <= {
        told["application"] for told in found["offer"].values()
    }


def test_all_that_is_not_read_is_declared_with_a_why() -> None:
    """A field that no stream owns has a signal; a signal names a field, and nothing twice."""
    owned = {
        f"{kind}.{column}"
        for stream in SPEC.streams
        for kind, columns in stream.owns.items()
        for column in columns
    }
    generic = {"created_at", "updated_at", "custom", "url"}
    for kind in KINDS.values():
        for name in kind.supplied:
            path = f"{kind.name}.{name}"
            assert path in owned or path in SIGNALS or name in generic, path
    for path in SIGNALS:
        kind_name, _, column = path.partition(".")
        assert column in KINDS[kind_name].fields
        assert SIGNALS[path].why


def test_no_two_streams_own_one_column() -> None:
    """Whose value counts is never a question of order."""
    owners: dict[tuple[str, str], str] = {}
    for stream in SPEC.streams:
        for kind, columns in stream.owns.items():
            for column in columns:
                assert owners.setdefault((kind, column), stream.name) == stream.name


def test_without_disposition_stages_the_plain_lists_do(
    served: Callable[..., Fake], connected: Callable[..., Lever], company: Company
) -> None:
    """Kinds come from names then, in the order of the list, and no candidacy is missed."""
    lever = connected(served(disposition=False, confidential=True))
    found = read(lever)
    stages = truth(company, "stage")
    assert same("stage", found["stage"], stages.values()) == len(stages)
    assert found["application"].keys() == truth(company, "application").keys()
    assert found["interview"]
    assert found["offer"]


def test_confidential_searches_stay_hidden_from_a_key_without_the_right(
    served: Callable[..., Fake], connected: Callable[..., Lever], company: Company
) -> None:
    """Neither they nor their candidates are told of."""
    found = read(connected(served()))
    hidden = {id_ for id_, row in truth(company, "requisition").items() if row.confidential}
    assert found["requisition"].keys() == truth(company, "requisition").keys() - hidden
    assert not hidden & {a["requisition"] for a in found["application"].values()}


def test_normalise_is_pure(lever: Lever) -> None:
    """The same row gives the same fragments, twice."""
    for stream in SPEC.streams:
        if stream.parent is None:
            page = next(iter(lever.pages(stream)))
            row = msgspec.json.decode(page.rows[0], type=stream.row)
            assert list(stream.normalise(row)) == list(stream.normalise(row))
