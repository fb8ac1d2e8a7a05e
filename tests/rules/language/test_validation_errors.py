"""What pydantic refuses becomes an error at its place in the file."""

from __future__ import annotations

from pydantic import field_validator

from atsbridge.ports import RuleSource
from atsbridge.rules.compile.compiler import check_rule
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.complete import Complete
from atsbridge.rules.language.pack_errors import RuleErrors
from atsbridge.rules.language.rule_schema import CheckKeys
from atsbridge.rules.rule import Rule

PACK = """\
version: 1
rules:
  - id: even
    kind: even
    title: An odd number
    each: offer
    number: 3
    steps:
      - {at: due, to: requisition.recruiter}
    message: Please look.
"""


class EvenKeys(CheckKeys):
    """A key with a validator that raises ValueError, as plugins write them."""

    number: int

    @field_validator("number")
    @classmethod
    def _even(cls, number: int) -> int:
        if number % 2:
            raise ValueError(f"{number} is odd; write an even number")
        return number


class EvenKind:
    """The kind of a plugin."""

    name = "even"
    question = "Is it even?"
    schema = EvenKeys

    def compile(self, keys: EvenKeys, source: RuleSource) -> Rule:
        return check_rule(keys, source, Complete(()))


def _errors(text: str) -> list[str]:
    try:
        load([("p.yaml", text)], {"even": EvenKind()})
    except RuleErrors as errors:
        return [str(error) for error in errors.errors]
    return []


def test_a_value_error_of_a_plugin_is_shown_at_its_key() -> None:
    assert _errors(PACK) == ["p.yaml:7:13: number: 3 is odd; write an even number"]
    assert _errors(PACK.replace("number: 3", "number: 4")) == []


def test_an_error_stays_short_whatever_is_wrong() -> None:
    """A path of five thousand characters is shown in part, with how much is missing."""
    path = f"offer.{'9' * 5_000}"
    errors = _errors(PACK.replace("to: requisition.recruiter", f"to: {path}"))
    (one,) = [error for error in errors if "9999" in error]
    assert one.startswith("p.yaml:9:")
    assert len(one) < 2_000
    assert "characters)" in one
