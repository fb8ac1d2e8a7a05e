"""Keys inside blocks, windows of time, reasons in words, and what an announcement covers."""

from __future__ import annotations

from typing import Any

import pytest

from atsbridge.model.change import Change, Origin
from atsbridge.model.query import Found
from atsbridge.model.record import Key
from atsbridge.model.verdict import State
from atsbridge.rules.language.pack_errors import RuleErrors

HEAD = """\
version: 1
rules:
  - id: one
    status: live
    title: One rule
    each: requisition
    message: "See {check.found}."
    steps: [{at: due, to: requisition.recruiter}]
"""
COMPLETE = """\
    kind: complete
    needs: [requisition.custom.level, requisition.custom.team_culture, requisition.target_on]
"""
WINDOW = """\
    kind: ratio
    of: application
    among: {application.closed_at: {is: set}}
    share: {application.status: withdrawn}
    by: application.closed_at
    window: 10d
    least: 2
    over: 50%
    named: application.reason.name
"""
CHANGED = """\
    kind: changed
    fields: [requisition.priority]
    since: requisition.opened_at
"""


@pytest.fixture
def rule(rules: Any) -> Any:
    """The one rule of these keys."""
    return lambda keys: rules(HEAD + keys)["one"]


@pytest.mark.parametrize(
    ("custom", "missing"),
    [
        ({"level": "Senior", "team_culture": "calm"}, "target date"),
        ({"level": " ", "team_culture": []}, "level, team culture, target date"),
        (None, "level, team culture, target date"),
    ],
)
def test_parts_of_a_block_are_named_when_missing(
    rule: Any, verdict: Any, custom: Any, missing: str
) -> None:
    """A key that is absent, blank or an empty list is missing, and said by its own name."""
    said = verdict(rule(COMPLETE), {"requisition.custom": custom}, "2026-03-04T10:00")
    assert (said.state, said.finding) == (State.BREACHED, missing)
    assert said.evidence["requisition.custom"] == custom


def closed(at: Any, *rows: tuple[str, str, str | None]) -> Any:
    """Applications that ended: day, status, name of the reason."""
    return lambda query: [
        Found(
            "acme",
            "application",
            str(number),
            dict.fromkeys(query.columns)
            | {
                "application.requisition": "1",
                "application.closed_at": at(f"2026-03-{day}T00:00"),
                "application.status": status,
                "application.reason.name": reason,
            },
        )
        for number, (day, status, reason) in enumerate(rows)
    ]


def test_a_window_counts_what_lies_within_it(rule: Any, verdict: Any, at: Any) -> None:
    """Reasons are counted, most frequent first; when the oldest leaves, it is looked at again."""
    others = closed(
        at,
        ("01", "rejected", "Not enough experience"),
        ("05", "withdrawn", "Pay"),
        ("06", "withdrawn", "Took another offer"),
        ("07", "withdrawn", "Pay"),
        ("08", "rejected", None),
        ("08", "withdrawn", None),
    )
    one = rule(WINDOW)
    said = verdict(one, {}, "2026-03-12T00:00", others=others)
    assert said.finding == "4 of the last 5 (Pay 2, Took another offer 1, not set 1)"
    assert said.look_at == at("2026-03-15T00:00")
    later = verdict(one, {}, "2026-03-17T12:00", others=others)
    assert (later.state, later.reason["text"]) == (State.KEPT, "1 of the last 2 (not set 1)")
    assert later.look_at == at("2026-03-18T00:00")
    gone = verdict(one, {}, "2026-03-18T00:00", others=others)
    assert (gone.reason["text"], gone.look_at) == ("only 0 of the 2 it takes to say", None)


def test_a_window_may_have_a_most(rule: Any, verdict: Any, at: Any) -> None:
    """With `last` beside it, only so many of those within the window count."""
    others = closed(at, ("05", "withdrawn", "Pay"), ("06", "rejected", None), ("07", "hired", None))
    said = verdict(rule(WINDOW + "    last: 2\n"), {}, "2026-03-08T00:00", others=others)
    assert said.reason["text"] == "0 of the last 2"


@pytest.mark.parametrize(
    "path", ["application.candidate.initials", "application.recruiter", "application.custom"]
)
def test_only_open_words_are_told(rule: Any, path: str) -> None:
    """A reason goes into messages; a person or their pay does not."""
    with pytest.raises(RuleErrors, match="is not for everybody to read"):
        rule(WINDOW.replace("application.reason.name", path))


def test_an_announcement_covers_one_change(rule: Any, verdict: Any, at: Any) -> None:
    """Low was announced once: the second time it turns Low, nobody had said so."""
    key = Key("acme", "requisition", "1")
    values = ["High", ("Low", Origin.ANNOUNCED), "Low", "High", "Low"]
    log, old = [], "Medium"
    for hour, value in enumerate(values):
        new, origin = value if isinstance(value, tuple) else (value, Origin.POLL)
        when = at(f"2026-03-0{3 + hour}T09:00")
        log.append(Change(key, "priority", old, new, observed_at=when, origin=origin))
        old = old if origin is Origin.ANNOUNCED else new
    facts = {"requisition.opened_at": at("2026-03-03T12:00")}
    one = rule(CHANGED)
    quiet = verdict(one, facts, "2026-03-05T10:00", changes=lambda *_: log[:3])
    assert quiet.state is State.KEPT
    told = verdict(one, facts, "2026-03-07T10:00", changes=lambda *_: [*log[:3], log[4]])
    assert told.state is State.WARNED
