"""What the second look does with rules that have a mistake, or whose messages a breaker holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

from atsbridge.sandbox.http.fake_server import Response

from .test_recheck import RULE, dms, due, late, notices, query, run, world
from .test_stopped_rules import PACK

__all__ = ["world"]


def test_the_second_look_leaves_a_rule_with_a_mistake_alone(
    new_world: Callable[..., Any],
) -> None:
    """Its open cases stay as they are: the rule was not removed."""
    made = new_world(300)
    made.configure(
        lambda text: text.replace('"notes.yaml"', '"my.yaml"').replace(
            "[notify]", '[notify]\nquiet_hours = ""'
        )
    )
    pack = made.folder / "my.yaml"
    pack.write_text(PACK, "utf-8")
    assert made.tick().code == 0
    made.standing.advance(made.now + timedelta(hours=12))
    ends = "SELECT ending, count(*) FROM cases WHERE rule = 'mine-one' GROUP BY ending"
    before = query(made, ends)
    assert [ending for ending, _ in before] == [None]
    pack.write_text(PACK.replace("target: 1bd\n", "target: 1bd\n    calendar: ofice\n", 1), "utf-8")
    hook = late(made)
    run(made)
    assert hook.asked
    assert query(made, ends) == before
    made.close()


def test_what_the_second_look_decides_is_held_by_a_breaker_too(world: Any) -> None:
    """The rule opened too many cases before: what another took over waits for the operators."""
    seat, email = due(world)
    company = world.standing.companies["acme"]
    other = next(p for p in company.people if p.email != email and "interviewer" in p.roles)

    def hands_over() -> None:
        company.ledger.change("seat", seat, world.now, user=other.id)
        card = company.ledger.get("seat", seat).scorecard
        company.ledger.change("scorecard", card, world.now, author=other.id)

    slack = world.standing.slacks["slack"].server
    app, slack.app = slack.app, lambda _: Response(200, {"ok": False, "error": "ratelimited"})
    run(world)
    slack.app = app
    assert [state for state, _, _ in notices(world)] == ["retry"]
    with closing(sqlite3.connect(world.store)) as base, base:
        columns = [row[1] for row in base.execute("PRAGMA table_info(notices)")]
        others = {"key": "'other'", "state": "'held'", "hold": "'breaker'", "case_number": "0"}
        values = ", ".join(others.get(one, one) for one in columns)
        base.execute(f"INSERT INTO notices SELECT {values} FROM notices WHERE rule = '{RULE}'")
    world.standing.advance(world.now + timedelta(minutes=10))
    late(world, hands_over)
    run(world)
    assert dms(world, other.email) == []
    assert ("held", "breaker", other.email) in notices(world)
