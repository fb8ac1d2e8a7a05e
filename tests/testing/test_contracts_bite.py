"""A contract is worth what it refuses: a connector with one mistake fails the check for it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from tests.testing.generated import generate

from atsbridge.cli.new import new
from atsbridge.ports import Parent, no_fragments
from atsbridge.store.sql_store import open_store
from atsbridge.testing.connector_contract import ConnectorContract
from atsbridge.testing.decoded_rows import NotedParents, Row, understood

_numbers = count(1)
Spoilt = Callable[[str, str], Any]


@pytest.fixture
def spoilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Spoilt:
    """The contract of the generated connector, with one piece of its code put differently."""

    def make(right: str, wrong: str) -> type[ConnectorContract]:
        name = f"spoilt{next(_numbers)}"
        made = ["connector", name, "--into", str(tmp_path)]
        CliRunner().invoke(new, made, catch_exceptions=False, standalone_mode=False)
        sources = tmp_path / f"atsbridge-{name}/src"
        module = sources / f"atsbridge_{name}/connector.py"
        text = module.read_text("utf-8")
        assert text.count(right) == 1
        text = text.replace(right, wrong).replace(
            "import msgspec", "import msgspec\nfrom atsbridge import api"
        )
        module.write_text(text, "utf-8")
        monkeypatch.syspath_prepend(str(sources))
        found = importlib.import_module(f"atsbridge_{name}.connector").SPEC
        return type("Spoilt", (ConnectorContract,), {"spec": found})

    return make


def fails(contract: type[ConnectorContract], check: str, tmp_path: Path) -> str:
    """Why the check fails on a world of its own; it must."""
    run = getattr(contract(), check)
    code = run.__func__.__code__
    with (
        contract.standing() as world,
        closing(open_store(f"sqlite:///{tmp_path / 'bite.db'}", world.clock)) as store,
    ):
        there = {"world": lambda: world, "store": lambda: store, "rows": world.read}
        given = {name: there[name]() for name in code.co_varnames[1 : code.co_argcount]}
        with pytest.raises(AssertionError) as caught:
            run(**given)
    return str(caught.value)


@pytest.mark.parametrize(
    ("right", "wrong", "check", "told"),
    [
        (
            'STREAMS, "no list that is read tells it", {"requisition.status": DATELESS}\n    ),',
            "(), '') and {},",
            "test_every_field_is_owned_or_declared",
            "own it in a stream, or say why not",
        ),
        ('scope="Interviews: read"', 'scope=""', "test_what_a_stream_needs_is_named", "interviews"),
        (
            'scope="Interviews: read"',
            'scope="Interviews: read", cost=api.RequestCost(per_read=1)',
            "test_a_first_sync_takes_the_requests_its_lists_need",
            "interviews: planned 2 requests, took 1",
        ),
        (
            'return {"updated_after": start.isoformat()}',
            "return {}",
            "test_the_second_sync_asks_only_for_what_changed",
            "filters nothing",
        ),
        ('("next",)', '("after",)', "test_pages_are_read_to_the_end", "small pages"),
        (
            "starts_at ends_at",
            "starts_at ends_at=starts_at",
            "test_the_company_read_back_is_the_company",
            "ends_at is",
        ),
        (
            "for seat in row.seats:",
            "for seat in [row.seats.pop(0)] if row.seats else ():",
            "test_normalize_is_pure_and_deterministic",
            "",
        ),
        (
            '"scorecard": card}',
            '"scorecard": seat.scorecard_id and 7}',
            "test_values_are_what_the_catalog_says",
            "seat.scorecard is a int, not ref",
        ),
        (
            "SessionOptions(bounds=tools.bounds,",
            "SessionOptions(timeouts=9,",
            "test_every_request_has_timeouts_and_our_name",
            "time-outs",
        ),
    ],
)
def test_each_mistake_fails_the_check_for_it(
    right: str, wrong: str, check: str, told: str, spoilt: Spoilt, tmp_path: Path
) -> None:
    """And says what is wrong."""
    assert told in fails(spoilt(right, wrong), check, tmp_path)


def test_ids_looked_up_are_held_to_the_plan_once_they_are_told(
    spoilt: Spoilt, tmp_path: Path
) -> None:
    """What `looked_up` says is planned for exactly; of a list it is silent about only the least."""
    check = "test_a_first_sync_takes_the_requests_its_lists_need"
    scope = 'scope="Interviews: read"'
    silent = spoilt(scope, f'{scope}, cost=api.RequestCost(lookups=("rooms",))')
    telling = type("Telling", (silent,), {"looked_up": lambda *_: {"interviews>rooms": (60,)}})
    assert "interviews: planned 3 requests, took 1" in fails(telling, check, tmp_path)
    with (
        silent.standing() as world,
        closing(open_store(f"sqlite:///{tmp_path / 'silent.db'}", world.clock)) as store,
    ):
        getattr(silent(), check)(world, store)


@pytest.fixture(scope="module")
def generated() -> type[ConnectorContract]:
    """The contract of the generated connector."""
    return type("Generated", (ConnectorContract,), {"spec": generate()})


def test_a_list_without_rows_is_named(generated: type[ConnectorContract]) -> None:
    """Nothing is checked of its rows, so that every other check of them would pass."""
    with generated.standing() as world:
        rows = world.read()
        generated().test_every_list_has_rows(world, rows)
        few = [row for row in rows if row.stream.name != "interviews"]
        with pytest.raises(AssertionError, match="no row of interviews was read"):
            generated().test_every_list_has_rows(world, few)


def test_a_list_of_one_row_is_no_mistake(generated: type[ConnectorContract]) -> None:
    """A company may have one department."""
    with generated.standing() as world:
        one = {row.stream.name: row for row in world.read()}
    generated().test_normalize_has_no_memory(list(one.values()))


def test_parents_that_nobody_wants_are_asked_where_no_other_is(
    generated: type[ConnectorContract],
) -> None:
    """A list that only a watch reads wants no parent, and its rows are checked all the same."""
    parent = Parent("applications", wanted=lambda row: row.id == "a1")
    with generated.standing() as world:
        stream = world.spec.stream("applications")
        decoded = understood(stream, world.drain(stream)[0])
    child = replace(stream, name="calls", owns={}, normalize=no_fragments, parent=parent)
    above = NotedParents([stream, child])
    for id_ in ("a2", "a3"):
        above.note(_renamed(decoded, id_))
    assert (above.of(child), above.any_of(child)) == ([], ["a2", "a3"])
    above.note(_renamed(decoded, "a1"))
    assert above.of(child) == above.any_of(child) == ["a1"]


def _renamed(row: Row, id_: str) -> Row:
    raw = msgspec.json.encode({**msgspec.json.decode(row.raw), "id": id_})
    return understood(row.stream, raw)
