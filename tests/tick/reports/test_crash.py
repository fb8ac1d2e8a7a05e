"""A fault of our own costs the account it happened in, and says where to look."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(20, both=True)
    yield made
    made.close()


def test_a_fault_of_ours_costs_one_account(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1, the other account's tick is whole; what is told and logged holds no value."""
    from atsbridge.tick.decision_stage import DecisionStage

    evaluate = DecisionStage.evaluate

    def broken(self: DecisionStage, **options: Any) -> None:
        if self.account == "acme":
            raise KeyError("Ada Okoye")
        evaluate(self, **options)

    monkeypatch.setattr(DecisionStage, "evaluate", broken)
    outcome = world.tick()
    assert outcome.code == 1
    (line,) = outcome.err.splitlines()
    assert line.startswith("acme: a fault of atsbridge itself: KeyError at reports/test_crash.py:")
    assert line.endswith("Please report it; with [run] log_file the traceback is kept there")
    world.configure(lambda text: text.replace("[run]", '[run]\nlog_file = "log.jsonl"'))
    outcome = world.call("run", "--now", world.now.isoformat(), "--json")
    acme, globex = json.loads(outcome.out)["accounts"]
    assert "log.jsonl" in acme["failures"][0]["remedy"]
    assert globex["failures"] == []
    log = (world.folder / "log.jsonl").read_text("utf-8")
    (kept,) = (one for one in map(json.loads, log.splitlines()) if one["action"] == "fault")
    assert (kept["account"], kept["kind"]) == ("acme", "KeyError")
    assert kept["traceback"][-1].endswith("in broken")
    assert "Ada" not in log + outcome.out + line
