"""A tick remembers enough of the one before to know what is new."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from atsbridge.cases.rule_edits import Edits, RulePart
from atsbridge.context.run_memory import (
    FullReason,
    Memory,
    fingerprints,
    last_nightly,
    part_digests,
)
from atsbridge.context.run_state import RunState
from atsbridge.model.query import All, Condition, Operator, Query
from atsbridge.rules.rule import FilePosition, Rule

NOW = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
NIGHTLY = "02:00 UTC"


class Shelf(dict[str, bytes]):
    """A cache in memory."""

    def get(self, key: str) -> bytes | None:
        return super().get(key)

    def put(self, key: str, value: bytes) -> None:
        self[key] = value


def rule(name: str, status: str = "live", line: int = 1) -> Rule:
    empty = Query("seat", All(), ())
    return Rule(
        id=name,
        kind="sla",
        status=status,
        title="",
        why="",
        side="",
        each="interview.seat",
        subject="seat",
        owner="ops",
        where=All(),
        clock=None,
        steps=(),
        message="",
        open=empty,
        settled=empty,
        settled_by="",
        place=FilePosition("a.yaml", line, 1),
    )


def test_an_edit_of_a_rule_is_known_by_the_part_that_changed() -> None:
    """Another sentence or target is none of them; a rule nobody knew was not edited."""
    plain, shelf = rule("a"), Shelf()
    parts = {"a": part_digests(plain)}
    RunState(shelf, "acme").write_memory(
        Memory(NOW, NOW, parts=parts, mapped=("seat.user",), map="m")
    )
    memory = RunState(shelf, "acme").read_memory()
    elsewhere = replace(plain, message="Another.", place=FilePosition("b.yaml", 9, 1))
    assert memory.edits({"a": elsewhere, "new": rule("new")}, "m", ()) == Edits()
    where = replace(plain, where=Condition("seat.user", Operator.SET, True))
    assert memory.edits({"a": where}, "m", ()).rules == {"a": frozenset({RulePart.WHERE})}
    remapped = memory.edits({"a": plain}, "other", ("requisition.team",))
    assert remapped == Edits(mapped=frozenset({"seat.user", "requisition.team"}))


def test_a_memory_of_an_older_version_knows_of_no_edit() -> None:
    """It is kept all the same: nobody is messaged anew because of an upgrade."""
    shelf = Shelf()
    RunState(shelf, "acme").write_memory(Memory(NOW, NOW, {"a": "live 1"}, "c"))
    old = json.loads(shelf["tick/acme"])
    for key in ("parts", "map", "mapped"):
        del old[key]
    shelf["tick/acme"] = json.dumps(old).encode()
    memory = RunState(shelf, "acme").read_memory()
    assert memory.at == NOW
    assert memory.edits({"a": rule("a")}, "m", ("seat.user",)) == Edits()


def known(*rules: Rule) -> Memory:
    return Memory(NOW, NOW, fingerprints(rules), "calendars")


def test_what_was_remembered_is_recalled() -> None:
    """Every part survives the cache."""
    shelf = Shelf()
    memory = Memory(NOW, NOW, {"a": "live 1"}, "c", ("seat.user",), "p")
    RunState(shelf, "acme").write_memory(memory)
    assert RunState(shelf, "acme").read_memory() == memory
    assert RunState(shelf, "globex").read_memory() == Memory()


def test_what_another_version_wrote_is_forgotten() -> None:
    """It costs one full pass; a tick never fails for it."""
    assert RunState(Shelf({"tick/acme": b'{"at": null}'}), "acme").read_memory() == Memory()


@pytest.mark.parametrize(
    ("now", "packs", "dark", "expected"),
    [
        (NOW + timedelta(minutes=10), "p", frozenset(), True),
        (NOW + timedelta(minutes=10), "q", frozenset(), False),
        (NOW + timedelta(minutes=10), "p", frozenset({"seat.user"}), False),
        (NOW + timedelta(hours=18), "p", frozenset(), False),
        (NOW + timedelta(days=3), "p", frozenset(), False),
    ],
    ids=["same", "other packs", "less readable", "a night passed", "two days without a tick"],
)
def test_a_tick_stands_still_only_while_nothing_but_time_passed(
    now: datetime, packs: str, dark: frozenset[str], expected: bool
) -> None:
    """Then the rules need not be read."""
    memory = Memory(NOW, NOW, packs="p")
    assert memory.is_unchanged(now, NIGHTLY, packs, dark) is expected


@pytest.mark.parametrize(
    ("memory", "rules", "expected"),
    [
        (Memory(), [rule("a")], {"a"}),
        (known(rule("a")), [rule("a")], set()),
        (known(rule("a")), [rule("a"), rule("b")], {"b"}),
        (known(rule("a", "shadow")), [rule("a", "live")], {"a"}),
        (replace(known(rule("a")), at=NOW - timedelta(days=3)), [rule("a")], {"a"}),
    ],
    ids=["first run", "seen", "new rule", "newly live", "two days without a tick"],
)
def test_a_baseline_is_for_rules_nobody_watched(
    memory: Memory, rules: list[Rule], expected: set[str]
) -> None:
    """New, newly live, or unwatched for two days: told in one summary."""
    assert memory.baseline({r.id: r for r in rules}, NOW) == expected


@pytest.mark.parametrize(
    ("memory", "now", "expected"),
    [
        (Memory(), NOW, FullReason.FIRST_RUN),
        (known(rule("a")), NOW, None),
        (known(rule("b")), NOW, FullReason.RULES),
        (replace(known(rule("a")), calendars="other"), NOW, FullReason.CALENDARS),
        (known(rule("a")), NOW + timedelta(hours=17), FullReason.NIGHTLY),
        (known(rule("a")), NOW + timedelta(hours=16, minutes=59), None),
        (known(rule("a", line=7)), NOW, None),
    ],
)
def test_everything_is_evaluated_again_only_for_a_reason(
    memory: Memory, now: datetime, expected: FullReason | None
) -> None:
    """Another rule, another calendar, or two in the morning; not a line that moved."""
    entries = memory.entries({"a": rule("a")}, lambda _: False, now)
    assert memory.full_evaluation_reason(now, NIGHTLY, entries, "calendars") == expected


@pytest.mark.parametrize(
    ("now", "at", "expected"),
    [
        ("2026-03-09T09:00+00:00", "02:00 UTC", "2026-03-09T02:00+00:00"),
        ("2026-03-09T01:59+00:00", "02:00 UTC", "2026-03-08T02:00+00:00"),
        ("2026-07-09T00:30+00:00", "02:00 Europe/Berlin", "2026-07-09T00:00+00:00"),
        ("2026-10-25T00:45+00:00", "02:30 Europe/Berlin", "2026-10-25T00:30+00:00"),
        ("2026-10-25T01:10+00:00", "02:30 Europe/Berlin", "2026-10-25T00:30+00:00"),
        ("2026-10-25T01:45+00:00", "02:30 Europe/Berlin", "2026-10-25T00:30+00:00"),
        ("2026-10-25T02:45+00:00", "02:30 Europe/Berlin", "2026-10-25T00:30+00:00"),
    ],
)
def test_the_nightly_instant_is_the_latest_one_passed(now: str, at: str, expected: str) -> None:
    """In the zone that is named. One in an hour that comes twice is one night."""
    assert last_nightly(datetime.fromisoformat(now), at) == datetime.fromisoformat(expected)


def test_a_rule_that_could_see_nothing_is_at_its_first_tick_still() -> None:
    """What was late before it could see is told in one summary, as at any first tick."""
    rules = {"a": rule("a"), "b": rule("b")}
    seen = {"a": "live 1", "b": "live 1"}
    assert Memory(NOW, NOW, seen, sightless=("b",)).baseline(rules, NOW) == {"b"}
    assert Memory(NOW, NOW, seen).baseline(rules, NOW) == frozenset()


def test_blind_rules_and_doubted_lists_are_recalled() -> None:
    """Else ops would hear of a list at every tick."""
    shelf = Shelf()
    memory = Memory(NOW, NOW, {}, sightless=("b",), doubted=("offers@2026",))
    RunState(shelf, "acme").write_memory(memory)
    assert RunState(shelf, "acme").read_memory() == memory


class StatelessEvaluator:
    """An evaluator of a plugin, without a repr of its own."""


def test_a_rule_that_is_compiled_again_is_the_same_rule() -> None:
    """Each run compiles its rules: where an evaluator stands in memory is no edit."""
    first, second = StatelessEvaluator(), StatelessEvaluator()
    compiled = [replace(rule("late"), evaluator=one) for one in (first, second)]
    assert repr(compiled[0]) != repr(compiled[1])
    assert fingerprints(compiled[:1]) == fingerprints(compiled[1:])
    assert part_digests(compiled[0]) == part_digests(compiled[1])
