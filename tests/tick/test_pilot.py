"""A pilot narrows every rule to some requisitions, and says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

PILOT = '[pilot]\nwhere = {{"requisition.department" = "{}"}}\n\n[notify]'


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(200)
    yield made
    made.close()


def departments(world: Any, would: list[dict[str, Any]]) -> set[str]:
    """The departments of the requisitions that the planned cases are about."""
    ledger = world.standing.companies["acme"].ledger
    found = set()
    for one in would:
        _, kind, ident = (one["subject"] + "//").split("/")[:3]
        while kind not in ("requisition", "account"):
            row = ledger.get(kind, ident)
            kind = next(up for up in ("interview", "application", "requisition") if up in _up(row))
            ident = getattr(row, kind)
        if kind == "requisition":
            found.add(ledger.get("department", ledger.get(kind, ident).department).name)
    return found


def _up(row: Any) -> list[str]:
    return [name for name in row.__slots__ if getattr(row, name, None)]


def plan(world: Any, command: str = "plan") -> Any:
    outcome = world.call(command, "--dry-run", "--json") if command == "run" else None
    outcome = outcome or world.call(command, "--json")
    return json.loads(outcome.out)["accounts"][0]


def test_only_the_pilots_requisitions_are_judged(world: Any) -> None:
    """Every planned case is of that department, and there are others without the pilot; a change
    of it judges everything anew, and what is outside now is cancelled with the reason."""
    everything = departments(world, plan(world, "run")["planned_actions"])
    assert len(everything) > 1
    chosen = min(everything)
    world.configure(lambda text: text.replace("[notify]", PILOT.format(chosen)))
    assert departments(world, plan(world)["planned_actions"]) == {chosen}
    assert world.call("plan").out.startswith(
        f"Pilot: only requisitions with requisition.department = {chosen}.\n"
    )
    assert world.tick().code == 0
    other = max(everything)
    world.configure(lambda text: text.replace(f'= "{chosen}"}}', f'= "{other}"}}'))
    after = plan(world)
    assert after["full_evaluation"] is True
    over = [one for one in after["planned_actions"] if one["action"] == "cancelled"]
    assert over
    assert {one["reason"] for one in over} == {"no longer tracked: outside the pilot"}


def test_what_no_requisition_has_is_a_mistake(world: Any) -> None:
    """Exit 2, with the nearest word."""
    world.configure(
        lambda text: text.replace("[notify]", PILOT.replace("department", "departmnet").format("x"))
    )
    outcome = world.tick()
    assert outcome.code == 2
    assert 'pilot.where."requisition.departmnet": ' in outcome.err
    assert 'Did you mean "requisition.department"?' in outcome.err
