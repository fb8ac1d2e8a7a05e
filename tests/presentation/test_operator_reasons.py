"""Reasons in English."""

from __future__ import annotations

import pytest

from atsbridge.model.reason import ReasonCode, because
from atsbridge.presentation.operator_reasons import describe


@pytest.mark.parametrize("code", ReasonCode)
def test_every_code_has_a_sentence(code: ReasonCode) -> None:
    """With all parameters that any code takes, and after they were erased."""
    at = "2026-03-09T16:05:00+00:00"
    given = dict.fromkeys(("path", "value", "status", "why", "text", "name", "clock"), "x")
    given |= dict.fromkeys(("handling", "to", "transition", "actor", "comment"), "x")
    dated = code in (ReasonCode.START_SET, ReasonCode.DUE_SET)
    given |= {"old": at if dated else "u1", "new": at if dated else "u2", "until": at, "at": at}
    text = describe(because(code, **given, steps=("80%", "due"), paths=("a", "b")))
    assert text
    assert "{" not in text
    describe(because(code))


def test_parameters_are_spelled_out() -> None:
    """Several steps, people, instants and a comment."""
    assert describe(None) == ""
    steps = because(ReasonCode.STEPS_COME, steps=("80%", "due"))
    assert describe(steps) == "steps 80%, due were reached"
    assert describe(because(ReasonCode.STEPS_COME, steps=("due",))) == "step due was reached"
    assert describe(because(ReasonCode.HANDED_OVER, old="u1")) == "from user u1 to nobody"
    moved = because(ReasonCode.DUE_SET, old="2026-03-09T16:05:00+00:00")
    assert describe(moved) == "due moved from 2026-03-09 16:05 UTC to unknown"
    until = because(
        ReasonCode.HANDLED_UNTIL, until="2026-03-09T16:05:00+00:00", comment="waits for legal"
    )
    assert describe(until) == "until 2026-03-09 16:05 UTC: waits for legal"
    assert describe(because(ReasonCode.UNREADABLE, paths=("a", "b"))) == "cannot be read now: a, b"
