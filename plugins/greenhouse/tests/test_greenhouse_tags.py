"""Tags of candidates and names of options, read for accounts that map them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from atsbridge.model.record import Key
from atsbridge.model.write_actions import tag
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.timesource import ManualTime
from atsbridge_greenhouse.fake.api import all_scopes
from atsbridge_greenhouse.fake.fields import option_id
from atsbridge_greenhouse.mapped_fields import MappedFields, mapped

from .mapped_account import MappedAccount, running

MINUTES = timedelta(minutes=10)


CONCERNS = {"application.concern": "tag:Concern*"}


def test_tags_are_read_for_an_account_that_maps_them(
    account: Callable[..., MappedAccount], company: Company, clock: ManualTime
) -> None:
    """Only those it maps; a new one with the next sync, one that is taken off within a day."""
    acme = account(CONCERNS)
    keys = list(running(company))[:3]

    def put(key: str, name: str) -> None:
        acme.connector.add_mark(Key("acme", "application", key), tag(name))

    put(keys[0], "Concern: pay")
    put(keys[0], "silver medalist")
    acme.sync()
    assert acme.record("application", keys[0]).concern == "Concern: pay"
    assert acme.record("application", keys[0]).tags == ("Concern: pay",)
    assert acme.record("application", keys[1]).concern is None
    clock.advance(MINUTES)
    put(keys[1], "concern: commute")
    acme.sync()
    assert acme.record("application", keys[1]).concern == "concern: commute"
    acme.connector.remove_mark(Key("acme", "application", keys[1]), tag("concern: commute"))
    clock.advance(timedelta(days=1))
    acme.sync()
    assert acme.record("application", keys[1]).concern is None
    assert acme.record("application", keys[0]).concern == "Concern: pay"


def test_tags_cost_nothing_where_no_map_reads_them(account: Callable[..., MappedAccount]) -> None:
    """They are no list of such an account at all."""
    plain = account()
    plain.sync()
    assert plain.fake.server.count("/v3/applied_candidate_tags") == 0
    assert "applied_candidate_tags" not in {s.name for s in plain.connector.spec.streams}


def test_tags_cost_one_request_while_nothing_changes(
    account: Callable[..., MappedAccount], clock: ManualTime
) -> None:
    """On a quiet Sunday; the whole of them is looked at once a day."""
    acme = account(CONCERNS)
    clock.advance(timedelta(days=6, hours=4))
    acme.sync()
    acme.sync(spare=10_000)  # the past
    assert acme.sync()["applied_candidate_tags"].requests == 1


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (option_id("hiring_status", "On hold"), "On hold"),
        ("On hold", "On hold"),
        ([option_id("priority", "P1"), option_id("priority", "P2")], ["P1", "P2"]),
        (999, 999),
    ],
)
def test_an_option_reads_as_its_name(
    account: Callable[..., MappedAccount], value: Any, told: Any
) -> None:
    """Where a tenant sends ids of options; a label passes as it is, and costs no request."""
    acme = account()
    lines = mapped({"requisition.on_hold": {"field": "custom.hiring_status", "equals": "On hold"}})
    kind = "multi_select" if isinstance(value, list) else "single_select"
    for order in (("name", "type", "value"), ("value", "type", "name")):
        whole = {"name": "Status", "type": kind, "value": value}
        row = {"id": 7, "custom_fields": {"s": {name: whole[name] for name in order}}, "x": [1]}
        (raw,) = MappedFields(acme.connector.session, lines).spelled(
            "jobs", [msgspec.Raw(msgspec.json.encode(row))]
        )
        found = msgspec.json.decode(raw)
        assert found["custom_fields"]["s"]["value"] == told
        assert found["x"] == [1]
    by_label = value == "On hold"
    assert (acme.fake.server.count("/v3/custom_field_options") == 0) is by_label


@pytest.mark.parametrize(
    ("line", "said", "remedy"),
    [
        ("custom.priorty", 'no custom field "priorty" of jobs', '"priority"'),
        ("custom.salary", 'no custom field "salary" of jobs', '"salary_range"'),
        ("custom.old_cost_center", "switched off", "switch it on"),
        ({"field": "custom.hiring_status", "equals": "on hold"}, "no option", '"On hold"'),
        ("custom.salary_range.min", "", ""),
        ("custom.priority", "", ""),
    ],
)
def test_doctor_names_a_mapped_field_that_is_not_there(
    account: Callable[..., MappedAccount], line: Any, said: str, remedy: str
) -> None:
    """Mistyped, renamed, switched off or without that option: with the nearest that is."""
    target = "requisition.on_hold" if isinstance(line, dict) else "requisition.priority"
    acme = account({target: line})
    (check,) = [c for c in acme.connector.check() if c.what == f"map {target}"]
    assert check.good is (said == "")
    assert said in check.detail
    assert remedy in check.remedy


def test_doctor_says_where_definitions_are_forbidden(account: Callable[..., MappedAccount]) -> None:
    """The scope that is missing, once."""
    acme = account(
        {"requisition.priority": "custom.priority", "requisition.kind": "custom.kind"},
        scopes=all_scopes() - {"harvest:custom_fields:list"},
    )
    (check,) = [c for c in acme.connector.check() if c.what.startswith("map ")]
    assert not check.good
    assert "harvest:custom_fields:list" in check.remedy
