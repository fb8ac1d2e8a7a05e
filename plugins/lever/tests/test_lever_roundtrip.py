"""The company, served as Lever over real HTTP and read back, is the company: field by field.

Compared by what the spec declares; where Lever says less, the loss is spelled out here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from atsbridge.ports.connector import Tools
from atsbridge.sandbox.company.fake_company import Company, CompanyProfile
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.timesource import ManualTime
from atsbridge_lever.connector import Lever
from atsbridge_lever.fake import company_ids, serve
from atsbridge_lever.spec import SPEC

Records = dict[str, dict[str, dict[str, Any]]]  # kind -> id -> values


def read(lever: Lever) -> Records:
    """Every stream to its end, children of all wanted parents; archived ones too."""
    records: Records = defaultdict(lambda: defaultdict(dict))
    wanted: dict[str, list[str]] = defaultdict(list)
    for stream in SPEC.streams:
        parents = [None] if stream.parent is None else wanted[stream.name]
        for parent in parents:
            pages = lever.pages(stream, parents=[parent] if parent else ())
            for raw in (raw for page in pages for raw in page.rows):
                row = msgspec.json.decode(raw, type=stream.row)
                for fragment in stream.normalize(row):
                    records[fragment.kind][fragment.id].update(fragment.values)
                for child in SPEC.streams:
                    of = child.parent
                    if of and of.stream == stream.name and of.wanted(row):
                        wanted[child.name] += [row.id] * (row.id not in wanted[child.name])
    return records


@pytest.fixture(scope="module")
def lived() -> tuple[Records, Company]:
    """What Lever tells of a company that has lived on since the fake was opened."""
    company = Company(2, applications=600, profile=CompanyProfile(company_ids, "shared"))
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
    return {id_: row for id_, row in company.records(kind).items() if row.deleted_at is None}


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
