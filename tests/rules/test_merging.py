"""Defaults, overrides, exceptions and fingerprints: how several files make one set of rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.language.pack_errors import RuleErrors
from atsbridge.worktime.duration import Duration, Unit

PACK = """\
version: 1
defaults: {calendar: office, owner: recruiting_ops, status: shadow}
rules:
  - id: late
    kind: sla
    title: Feedback
    each: interview.seat
    where: {application.status: active}
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      cancel: [application.closed_at]
    target: 1bd
    steps:
      - {at: due, to: seat.user}
    message: Please write.
  - id: mine
    kind: sla
    status: live
    owner: talent
    title: Feedback
    each: interview.seat
    clock: {start: interview.ends_at, stop: seat.scorecard.submitted_at}
    target: 1bd
    steps: [{at: due, to: seat.user}]
    message: Please write.
"""


def test_defaults_stand_behind_the_rules(rules: Any) -> None:
    """A rule takes what it does not say itself from the file's defaults."""
    found = rules(PACK)
    assert (found["late"].status, found["late"].owner) == ("shadow", "recruiting_ops")
    assert (found["mine"].status, found["mine"].owner) == ("live", "talent")
    assert found["late"].clock.calendar == "office"


def test_defaults_are_those_of_their_own_file(rules: Any) -> None:
    """Another file's rules do not see them."""
    other = PACK.replace(
        "defaults: {calendar: office, owner: recruiting_ops, status: shadow}\n", ""
    )
    other = other.replace("id: late", "id: later").replace("id: mine", "id: theirs")
    assert rules(PACK, other)["later"].owner == ""


def test_override_changes_a_rule_of_another_file(rules: Any) -> None:
    """What it names is replaced, under `clock` key by key; all else stays."""
    over = """\
        version: 1
        overrides:
          - id: late
            status: live
            target: 2bd
            clock: {owed_by: seat.user}
            steps: [{at: "50%", to: seat.user}]
        """
    before, after = rules(PACK)["late"], rules(PACK, over)["late"]
    assert (after.status, after.clock.target) == ("live", Duration(timedelta(days=2), Unit.BD))
    assert (after.clock.start, after.clock.owed_by) == (before.clock.start, "seat.user")
    assert [step.when.label for step in after.steps] == ["50%"]
    assert (after.where, after.message, after.owner) == (before.where, before.message, before.owner)


def test_override_may_stand_before_the_rule(rules: Any) -> None:
    """The order of the files decides only between overrides: the later one wins."""
    one = "version: 1\noverrides: [{id: late, target: 2bd}]\n"
    two = "version: 1\noverrides: [{id: late, target: 3bd}]\n"
    assert str(rules(one, PACK)["late"].clock.target) == "2bd"
    assert str(rules(one, PACK, two)["late"].clock.target) == "3bd"


def test_a_mistake_in_an_override_is_told_at_the_override() -> None:
    """Not in the pack that it changes."""
    over = "version: 1\noverrides:\n  - {id: late, target: 2 weeks}\n"
    with pytest.raises(RuleErrors) as caught:
        load(
            [("pack.yaml", PACK), ("mine.yaml", over)], {kind.name: kind for kind in BUILTIN_KINDS}
        )
    assert [error.where for error in caught.value.errors] == ["mine.yaml:3:24"]


def test_steps_know_their_place(rules: Any) -> None:
    """Each rung leads back to its line."""
    rule = rules(PACK)["late"]
    assert [str(step.place) for step in rule.steps] == ["pack1.yaml:15:9"]
    assert str(rule.place) == "pack1.yaml:4:5"


def test_exception_reads_its_own_columns(rules: Any) -> None:
    """What its condition reads is asked of the store, too."""
    text = PACK + (
        "exceptions:\n"
        "  - {rule: late, where: {requisition.code: R7}, until: 2026-12-31, why: agreed}\n"
    )
    rule = rules(text)["late"]
    assert "requisition.code" in rule.open.columns
    assert "requisition.code" not in rules(PACK)["late"].open.columns
    assert str(rule.exemptions[0].place) == "pack1.yaml:28:5"


def test_fingerprint_follows_the_text() -> None:
    """Any change of any file is seen, and nothing else is."""
    kinds = {kind.name: kind for kind in BUILTIN_KINDS}
    one = load([("a.yaml", PACK)], kinds).fingerprint
    assert load([("a.yaml", PACK)], kinds).fingerprint == one
    assert load([("a.yaml", PACK.replace("1bd", "2bd"))], kinds).fingerprint != one
