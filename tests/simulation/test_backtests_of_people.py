"""Rules on people have a past, too: the records that name the person."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any


def test_a_rule_on_people_is_replayed(new_world: Callable[..., Any]) -> None:
    """Each person is found by the seats that name them; nobody is named in the outcome."""
    world = new_world(60)
    world.configure(lambda text: re.sub(r"(?m)^packs = .*$", 'packs = ["builtin:load"]', text))
    world.call("sync")
    listed = world.call("rules", "list", "--json")
    assert listed.code == 0, listed.err
    rules = json.loads(listed.out)["rules"]
    assert rules
    for rule in rules:
        outcome = world.call("rules", "backtest", rule["rule"], "--json")
        assert outcome.code == 0, outcome.err
        found = json.loads(outcome.out)["backtests"]
        assert sum(one["subjects"] for one in found) > 0, rule["rule"]
    world.close()
