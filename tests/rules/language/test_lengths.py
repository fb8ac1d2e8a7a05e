"""What is suggested for a bad amount of time means what was meant."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from atsbridge.rules.language.lengths import suggest_amount
from atsbridge.rules.language.step_schema import StepKeys

STEP = {"to": "seat.user"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1 bd", "1bd"),
        ("1BD", "1bd"),
        ("10 bh.", "10bh"),
        ("1,5h", "1.5h"),
        ("1.5 d", "1.5d"),
        ("\uff11bd", "1bd"),
        ("30m", "0.5h"),
        ("90 minutes", "1.5h"),
        ("2 days", "2bd, or 2d around the clock"),
        ("1,500 h", "1bd"),
    ],
)
def test_the_unit_and_the_number_stay(written: str, meant: str) -> None:
    assert suggest_amount(written, "target") == f"Write: target: {meant}"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("80", "80%"),
        (80, "80%"),
        (0.8, "80%"),
        ("80 %", "80%"),
        ("1 d", "+1d"),
        ("-1,5 h", "-1.5h"),
    ],
)
def test_the_time_of_a_step_stays(written: object, meant: str) -> None:
    with pytest.raises(ValidationError, match="is no time for a step") as refused:
        StepKeys.model_validate({**STEP, "at": written})
    assert f"Write: at: {meant}" in str(refused.value.errors())
