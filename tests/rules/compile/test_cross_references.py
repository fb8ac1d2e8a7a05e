"""What rules refer to must exist, and a mistake stops the rules it is about."""

from __future__ import annotations

import pytest

from atsbridge.errors import RuleError
from atsbridge.plugins import discover
from atsbridge.rules.compile.cross_references import KnownNames
from atsbridge.rules.compile.discovery import Unread, names_in
from atsbridge.rules.compile.pack_loader import RuleSet, load_good

RULE = """\
  - id: {id}
    kind: sla
    title: Feedback
    each: interview.seat
    clock: {{start: interview.ends_at, stop: seat.scorecard.submitted_at}}
    target: 1bd
    steps: [{{at: due, to: seat.user}}]
    message: Please write.
"""
KNOWN = KnownNames(
    frozenset({"office"}), frozenset({"ops", "recruiting_ops"}), frozenset({"ours.yaml"})
)


def rule(name: str, more: str = "") -> str:
    return RULE.format(id=name) + (f"    {more}\n" if more else "")


def loaded(*packs: str, unread: tuple[Unread, ...] = ()) -> RuleSet:
    texts = [(f"{letter}.yaml", text) for letter, text in zip("abc", packs, strict=False)]
    return load_good(texts, discover().rule_kinds(), KNOWN, unread)


def pack(*rules: str) -> str:
    return "version: 1\nrules:\n" + "".join(rules)


@pytest.mark.parametrize(
    ("rules", "told", "stopped"),
    [
        ([rule("x", "calendar: ofice")],
         ('a.yaml:11:15: there is no calendar "ofice". Did you mean "office"? Write: '
         "calendar: office"), {"x"}),
        ([rule("x", "muted_by: x")], "a.yaml:11:15: x cannot be muted by itself. Remove it", {"x"}),
        ([rule("x", "muted_by: [y]"), rule("y", "muted_by: [z]"), rule("z", "muted_by: [x]")],
         ("a.yaml:11:16: these rules mute each other in a circle: x, y, z, x. Let only the "
         "consequence name its cause"), {"x", "y", "z"}),
        ([rule("x", "muted_by: [y]"), rule("y", "muted_by: [z]"), rule("z", "muted_by: [y]")],
         ("a.yaml:20:16: these rules mute each other in a circle: y, z, y. Let only the "
         "consequence name its cause"), {"y", "z"}),
        ([rule("x", "muted_by: [zq]")], ('a.yaml:11:16: there is no rule "zq". Write: '
         "muted_by: [stalled-in-stage]"), {"x"}),
        ([rule("x", "owner: recruting_ops")],
         ('a.yaml:11:12: there is no team "recruting_ops" to own the rule x. Did you mean '
         '"recruiting_ops"? Write: owner: recruiting_ops'), set()),
    ],
)  # fmt: skip
def test_a_reference_that_leads_nowhere_is_told(
    rules: list[str], told: str, stopped: set[str]
) -> None:
    found = loaded(pack(*rules, rule("good")))
    assert [str(error) for error in found.mistakes] == [told]
    assert found.stopped == stopped
    assert "good" in found.rules
    assert not stopped & found.rules.keys()


def test_an_owner_in_a_pack_that_came_with_the_program_is_a_suggestion() -> None:
    """Ops stand in for it."""
    texts = [("ours.yaml", pack(rule("x", "owner: nobody")))]
    assert load_good(texts, discover().rule_kinds(), KNOWN).mistakes == ()


def test_a_long_line_of_causes_is_no_circle() -> None:
    rules = [rule(f"r{n}", f"muted_by: [r{n + 1}]") for n in range(1_200)]
    assert loaded(pack(*rules, rule("r1200"))).mistakes == ()


@pytest.mark.parametrize(
    ("other", "stopped"),
    [
        ("version: 1\noverrides: [{id: x, target: soon}]\n", {"x"}),
        ("version: 1\noverrides: [{id: x, targt: 2bd}]\n", {"x"}),
        ("version: 1\noverrides: [{id: xx, target: 2bd}]\n", {"x", "xx"}),  # x must be meant
        ("version: 1\noverides: [{id: x, target: 2bd}]\n", {"x"}),
        ("version: 1\noverrides: [{id: x, target: 2bd\n", {"x"}),
        ("version: 2\noverrides: [{id: x, target: 2bd}]\n", {"x"}),
        ("version: 1\nexceptions: [{rule: x, until: soon, why: so, where: {}}]\n", {"x"}),
        ("version: 1\nrules:\n" + rule("x"), {"x"}),  # which of the two is meant?
    ],
)
def test_a_mistake_in_another_file_stops_the_rule_it_is_about(
    other: str, stopped: set[str]
) -> None:
    """Else the rule would run without what the file changes in it."""
    found = loaded(pack(rule("x"), rule("unconcerned")), other)
    assert found.mistakes
    assert stopped <= found.stopped
    assert set(found.rules) == {"unconcerned"}
    assert not found.unread


def test_a_file_in_another_encoding_stops_what_it_names() -> None:
    error = RuleError("this file is UTF-16 text")
    found = loaded(pack(rule("x"), rule("y")), unread=(Unread(error, names_in("{id: x}")),))
    assert (set(found.rules), found.unread) == ({"y"}, False)
    assert loaded(pack(rule("x")), unread=(Unread(error),)).unread
