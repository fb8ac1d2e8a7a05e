"""Which rules count as shadow on an account."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.context.account_context import AccountContext
from atsbridge.plugins import discover
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.settings.settings_model import Settings

PACK = """\
version: 1
defaults: {owner: ops, status: live}
rules:
  - id: starred
    kind: complete
    title: No target
    each: requisition
    where: {requisition.priority: high, requisition.status: open}
    needs: [requisition.title]
    steps: [{at: due, to: requisition.recruiter}]
    message: Please.
  - id: late
    kind: sla
    title: Feedback
    each: interview.seat
    where: {seat.feedback_required: true}
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      pause: [requisition.on_hold]
      owed_by: seat.user
    target: 1bd
    steps: [{at: due, to: seat.user}]
    message: Please.
"""


@pytest.fixture(scope="module")
def rules() -> Any:
    return load([("p.yaml", PACK)], {kind.name: kind for kind in BUILTIN_KINDS})


def app(rules: Any, given: Mapping[str, Any]) -> Any:
    """The wiring of one Greenhouse account with this map."""
    spec = discover().connectors()["greenhouse"]
    section = SimpleNamespace(map=given)
    settings = Settings()
    return SimpleNamespace(
        packs=SimpleNamespace(rule_set=rules),
        spec=lambda _: spec,
        account=lambda _: section,
        settings=settings,
    )


def test_a_live_rule_that_lacks_a_signal_is_shadow_here(rules: Any) -> None:
    """Greenhouse has no priority of its own; the rule that needs none stays live."""
    found = AccountContext(app(rules, {}), "acme").rules
    assert {name: rule.status for name, rule in found.items()} == {
        "starred": "shadow",
        "late": "live",
    }
    (why,) = AccountContext(app(rules, {}), "acme").missing_signals(rules.rules["starred"])
    assert why.startswith("requisition.priority: ")


def test_a_map_that_tells_the_signal_makes_it_live(rules: Any) -> None:
    """Once the account says where it is."""
    mapped = app(rules, {"requisition.priority": "custom.priority"})
    assert AccountContext(mapped, "acme").rules["starred"].status == "live"
    assert AccountContext(mapped, "acme").missing_signals(rules.rules["starred"]) == ()
