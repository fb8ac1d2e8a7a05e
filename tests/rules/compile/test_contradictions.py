"""A rule whose parts are at odds is told before it runs; advice is never what was written."""

from __future__ import annotations

import pytest

from atsbridge.cli.rules.rule_variant import pair
from atsbridge.errors import ConfigError
from atsbridge.plugins import discover
from atsbridge.rules.compile.pack_loader import load_good

RULE = """\
version: 1
rules:
  - id: x
    kind: sla
    title: Feedback
    each: application
    where: {where}
    clock: {clock}
    target: {target}
    steps: {steps}
    message: Please write.
"""
CLOCK = "{start: application.created_at, stop: application.closed_at}"


def complaints(
    where: str = "{application.status: active}",
    clock: str = CLOCK,
    target: str = "1bd",
    steps: str = "[{at: due, to: application.recruiter}]",
) -> list[str]:
    text = RULE.format(where=where, clock=clock, target=target, steps=steps)
    found = load_good([("p.yaml", text)], discover().rule_kinds())
    return [str(error).removeprefix("p.yaml:") for error in found.mistakes]


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("{all: [{application.status: active}, {application.status: hired}]}", "no value is left"),
        ("{application.status: {in: [active, hired], not_in: [active, hired]}}",
         "no value is left"),
        ("{application.status: active, all: [{application.status: {not_in: [active]}}]}",
         "no value is left"),
        ("{requisition.headcount: {gt: 5, lt: 3}}", "above 5 and below 3"),
        ("{requisition.headcount: {gt: 5, lte: 5}}", "above 5 and below 5"),
        ("{application.closed_at: {is: unset}, all: [{application.closed_at: {is: set}}]}",
         "it would have to be unset and have a value"),
        ("{any: [{all: [{application.status: active}, {application.status: hired}]}]}",
         "no value is left"),
    ],
)  # fmt: skip
def test_conditions_that_nothing_can_meet_are_a_mistake(where: str, why: str) -> None:
    (told,) = complaints(where)
    assert told.startswith("7:12: nothing can meet these conditions on ")
    assert f": {why}. Put values" in told


@pytest.mark.parametrize(
    "where",
    [
        "{application.status: {in: [active, other]}}",
        "{application.status: {not_in: [hired]}}",
        "{requisition.headcount: {gte: 5, lte: 5}}",
        "{any: [{application.status: active}, {application.status: hired}]}",
        "{none: [{application.status: hired}]}",
    ],
)
def test_conditions_that_something_can_meet_are_none(where: str) -> None:
    assert complaints(where) == []


@pytest.mark.parametrize(
    ("clock", "told"),
    [
        ("{start: application.created_at, stop: application.created_at}",
         "8:50: the clock stops where it starts: application.created_at. Name the event that"),
        (("{start: application.created_at, stop: application.closed_at, "
          "cancel: [application.closed_at]}"),
         "8:81: the clock's stop is under cancel, too: application.closed_at. Keep it in one of"),
    ],
)  # fmt: skip
def test_a_clock_at_odds_with_itself_is_a_mistake(clock: str, told: str) -> None:
    (said,) = complaints(clock=clock)
    assert said.startswith(told)


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ("due, due", '10:53: the step "due" to application.recruiter stands here twice. Keep one'),
        ("+2bd, +1bd", 'the step "+1bd" comes before "+2bd", which is above. Put the steps in'),
        ("due, 80%", 'the step "80%" comes before "due", which is above'),
        ("+1bd, -4h", 'the step "-4h" comes before "+1bd", which is above'),
    ],
)
def test_steps_at_odds_are_a_mistake(steps: str, told: str) -> None:
    written = [f'{{at: "{at}", to: application.recruiter}}' for at in steps.split(", ")]
    (said,) = complaints(steps=f"[{', '.join(written)}]")
    assert told in said


def test_steps_whose_order_depends_on_the_calendar_are_none() -> None:
    at = [f'{{at: "{at}", to: application.recruiter}}' for at in ("80%", "due", "+30h", "+1bd")]
    assert complaints(steps=f"[{', '.join(at)}]") == []


@pytest.mark.parametrize(
    ("target", "advice"),
    [
        ("2 days", "Write: target: 2bd, or 2d around the clock"),
        ("2 working days", "Write: target: 2bd"),
        ("4 hours", "Write: target: 4bh, or 4h around the clock"),
        ("1 week", "Write: target: 5bd, or 7d around the clock"),
        ("99999999bd", "Write: target: 20bd"),
        ("2bds", "Write: target: 2bd"),
        ("0 days", "Write: target: 1bd"),
        ("1.000h", "Write: target: 1bd"),
    ],
)
def test_advice_on_an_amount_keeps_its_number_and_is_valid(target: str, advice: str) -> None:
    (told,) = complaints(target=target)
    assert told.endswith(advice)
    good = advice.removeprefix("Write: target: ").split(", or ")
    assert all(complaints(target=one.removesuffix(" around the clock")) == [] for one in good)


@pytest.mark.parametrize(
    ("clock", "advice"),
    [
        ("{start: application.created_at, stop: seat.scorecard.submitted_at}",
         "A rule on a seat can. Write: each: seat"),
        ("{start: application.created_at, stop: interview.scheduled_at}",
         "A rule on an interview can. Write: each: interview"),
        ("{start: aplication.created_at, stop: application.closed_at}",
         'Did you mean "application.created_at"? Write: start: application.created_at'),
    ],
)  # fmt: skip
def test_advice_on_a_path_names_its_record(clock: str, advice: str) -> None:
    assert any(told.endswith(advice) for told in complaints(clock=clock))


@pytest.mark.parametrize(
    "value", ["[" * 30_000, "1" * 5_000, "!!python/object:x y", "a: b: c", "*x"]
)
def test_a_value_on_the_command_line_is_read_like_a_pack(value: str) -> None:
    assert pair("where={a: 2026-03-01, b: NO}") == ("where", {"a": "2026-03-01", "b": "NO"})
    with pytest.raises(ConfigError, match="the value of target cannot be read"):
        pair(f"target={value}")
