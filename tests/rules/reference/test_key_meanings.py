"""Every key that a pack may hold is described, on the page and in editors."""

from __future__ import annotations

from pydantic import Field

from atsbridge.rules.compile.pack_loader import PackKeys
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.kinds.sla import SlaKeys, SlaKind
from atsbridge.rules.language.rule_schema import RuleKeys
from atsbridge.rules.language.step_schema import StepKeys
from atsbridge.rules.reference.json_schema import pack_schema
from atsbridge.rules.reference.key_meanings import COMMON, KINDS, PACK, STEP, find_meaning
from atsbridge.rules.reference.language_page import list_kind_keys


def test_every_key_has_a_meaning() -> None:
    """Neither a key without one nor a meaning without its key."""
    assert PACK.keys() == PackKeys.model_fields.keys()
    assert COMMON.keys() == RuleKeys.model_fields.keys()
    assert STEP.keys() == StepKeys.model_fields.keys()
    for kind in BUILTIN_KINDS:
        assert KINDS[kind.name].keys() == list_kind_keys(kind).keys(), kind.name


def test_a_kind_of_a_plugin_describes_its_own_keys() -> None:
    """By pydantic's description; the keys of every rule are described already."""

    class CountKeys(SlaKeys):
        most: int = Field(description="The most there may be.")

    class CountKind(SlaKind):
        name = "count"
        schema = CountKeys

    assert find_meaning(CountKind(), "most") == "The most there may be."
    assert find_meaning(CountKind(), "title") == COMMON["title"]
    assert find_meaning(CountKind(), "target") == ""


def test_an_example_fits_its_kind() -> None:
    """`value` is pay in one kind and a recommendation in another; `event` is news or activity."""
    lines = {kind.name: list_kind_keys(kind) for kind in BUILTIN_KINDS}
    assert "pay_min" in lines["market"]["value"]
    assert "recommendation" in lines["spread"]["value"]
    assert lines["celebrate"]["event"] != lines["quiet"]["event"]
    assert "sla" not in find_meaning({one.name: one for one in BUILTIN_KINDS}["quiet"], "target")


def test_editors_show_meaning_and_example() -> None:
    """The same key means something else in a step and in another kind."""
    schema = pack_schema({kind.name: kind for kind in BUILTIN_KINDS})
    least = schema["$defs"]["rule.ratio"]["properties"]["least"]["description"]
    assert least == f"{KINDS['ratio']['least']} least: 5"
    start = schema["$defs"]["quiet.QuietClock"]["properties"]["start"]["markdownDescription"]
    assert start.startswith(KINDS["quiet"]["clock.start"])
    step = schema["$defs"]["sla.StepKeys"]["properties"]["message"]["markdownDescription"]
    assert step.startswith(STEP["message"])
