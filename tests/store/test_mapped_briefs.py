"""Briefs and fields that a new map fills, over many requisitions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from atsbridge.intake import brief_scope
from atsbridge.intake.brief_writer import STREAM, BriefSources, BriefWriter
from atsbridge.model.change import Origin
from atsbridge.model.record import Key
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.sync.account_map import BriefLine


def test_a_new_map_over_many_requisitions_is_no_news(
    store: Any, feed: Any, verdict_on: Callable[..., Any]
) -> None:
    """2,000 stored requisitions get mapped briefs and then another map: nothing to tell."""
    many = 2000
    rows = [
        {"id": f"q{n}", "status": "open", "opened_at": feed.at, "custom": {"a": "x", "b": f"{n}"}}
        for n in range(many)
    ]
    feed.page("requisition", *rows)
    feed.settle()
    empty = brief_scope.BriefScope()
    for key, remapped in (("a", False), ("b", True)):
        feed.at += timedelta(hours=1)
        lines = (BriefLine("must_haves", "custom", key),)
        sources = BriefSources(scope=empty, lines=lines, remapped=remapped)
        BriefWriter("acme", store, sources, feed.at).write(None)
    assert len(set(store.records.read_live_ids("acme", STREAM))) == many
    key = Key("acme", "brief", "q7")
    assert store.history.read_record(key).sections == {"must_haves": "7"}
    assert {change.origin for change in store.history.read_changes(key)} == {Origin.MAPPING}
    assert not verdict_on(store, key, feed.at).open


@pytest.mark.parametrize(
    "count", [2_000, pytest.param(20_000, marks=[pytest.mark.torture, pytest.mark.timeout(900)])]
)
def test_a_new_mapped_field_over_many_requisitions_is_no_news(
    store: Any, feed: Any, count: int
) -> None:
    """All stored requisitions get a priority by our map: the rule that watches says nothing."""
    from atsbridge.rules.compile.discovery import builtin_folder, texts
    from atsbridge.rules.compile.pack_loader import load
    from atsbridge.rules.evaluate.evaluator import evaluate_rule
    from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
    from atsbridge.worktime.calendar import Calendar, parse_hours

    folder = builtin_folder()
    packs = texts([folder / "transparency.yaml"], folder)
    rule = load(packs, {kind.name: kind for kind in BUILTIN_KINDS}).rules["search-changed"]
    own = {"status": "open", "opened_at": feed.at - timedelta(days=9)}
    numbers = [f"q{n}" for n in range(count)]
    feed.page("requisition", *({"id": n, **own, "priority": None} for n in numbers))
    feed.settle()
    feed.at += timedelta(hours=1)
    rows = ({"id": n, **own, "priority": "High"} for n in numbers)
    feed.page("requisition", *rows, remapped=frozenset({"requisition.priority"}))
    calendar = Calendar("c", "UTC", parse_hours("mon-fri 09:00-18:00"), {})
    around = EvaluationContext(
        now=feed.at, calendars=lambda *_: calendar, changes=store.history.read_changes
    )
    touched = store.subjects.find_dirty("acme", "requisition", ())
    assert len(touched) == len(numbers)  # the new value itself is judged
    some = touched[:: 1 if count > 2_000 else 40]
    found = list(store.subjects.select("acme", rule.open, ids=some))
    assert [evaluate_rule(rule, one, around).open for one in found] == [False] * len(some)
    (told,) = store.history.read_changes(Key("acme", "requisition", "q7"))
    assert (told.field, told.new, told.origin) == ("priority", "High", Origin.MAPPING)


@pytest.fixture
def verdict_on() -> Callable[..., Any]:
    """What a rule that watches the sections of briefs says of one."""
    from atsbridge.rules.compile.pack_loader import load
    from atsbridge.rules.evaluate.evaluator import evaluate_rule
    from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
    from atsbridge.worktime.calendar import Calendar, parse_hours

    pack = """\
version: 1
rules:
  - id: drift
    kind: changed
    status: live
    title: The brief changed
    each: brief
    fields: [brief.sections]
    since: requisition.opened_at
    steps: [{at: due, to: requisition.recruiter}]
    message: "{check.found}"
"""
    rule = load([("p.yaml", pack)], {kind.name: kind for kind in BUILTIN_KINDS}).rules["drift"]
    calendar = Calendar("c", "UTC", parse_hours("mon-fri 09:00-18:00"), {})

    def verdict(store: Any, key: Key, now: Any) -> Any:
        (found,) = store.subjects.select("acme", rule.open, ids=[key.id])
        around = EvaluationContext(
            now=now, calendars=lambda *_: calendar, changes=store.history.read_changes
        )
        return evaluate_rule(rule, found, around)

    return verdict
