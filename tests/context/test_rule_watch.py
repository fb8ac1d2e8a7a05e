"""Since when a version of a rule is evaluated: texts do not count, a gap does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from atsbridge.context.rule_watch import (
    RuleWatch,
    follow,
    meaning,
    pack_watch,
    unpack_watch,
)
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.rule import Rule

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
PACK = """\
version: 1
rules:
  - id: review
    kind: sla
    status: shadow
    title: Review
    why: Candidates wait.
    each: application
    where: {application.status: active}
    clock:
      start: application.applied_at
      stop: application.decided_at
      cancel: [application.closed_at]
      owed_by: requisition.hiring_manager
    target: 2bd
    steps: [{at: due, to: requisition.hiring_manager, message: "Please look."}]
    message: "Please look."
"""


def rule(*edits: tuple[str, str]) -> Rule:
    """The rule, with these pieces of text replaced."""
    text = PACK
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return load([("p.yaml", text)], {kind.name: kind for kind in BUILTIN_KINDS}).rules["review"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Review", "title: Profile review"),
        ("Candidates wait.", "Speed wins."),
        ("Please look.", "{requisition.title} waits for {requisition.recruiter}."),
        ("version: 1", "# a comment\nversion: 1"),
        ("status: shadow", "status: live"),
    ],
)
def test_texts_and_positions_mean_the_same(old: str, new: str) -> None:
    """Also a text that reads more fields: what is found stays the same."""
    assert meaning(rule((old, new))) == meaning(rule())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("target: 2bd", "target: 3bd"),
        ("status: active", "status: hired"),
        ("at: due", "at: +1bd"),
        ("to: requisition.hiring_manager", "to: requisition.recruiter"),
        ("stop: application.decided_at", "stop: application.contacted_at"),
    ],
)
def test_what_it_finds_or_whom_it_reaches_is_its_meaning(old: str, new: str) -> None:
    assert meaning(rule((old, new))) != meaning(rule())


def test_a_version_is_followed_from_its_first_run() -> None:
    """Another meaning begins anew, and so does a rule that was not evaluated in between."""
    day = timedelta(days=1)
    first = follow({}, {"review": rule()}, lambda _: False, NOW)
    assert first["review"].since == NOW
    later = follow(first, {"review": rule(("Review", "Look"))}, lambda _: False, NOW + day)
    assert later["review"].since == NOW
    edited = follow(first, {"review": rule(("2bd", "3bd"))}, lambda _: False, NOW + day)
    assert edited["review"].since == NOW + day
    gone = follow(first, {}, lambda _: False, NOW + day)
    assert gone == {}
    assert follow(gone, {"review": rule()}, lambda _: False, NOW + 2 * day)["review"].since == (
        NOW + 2 * day
    )


def test_an_error_in_its_file_costs_no_day() -> None:
    first = follow({}, {"review": rule()}, lambda _: False, NOW)
    assert follow(first, {}, lambda name: name == "review", NOW + timedelta(days=1)) == first


def test_what_is_kept_comes_back() -> None:
    """What another version wrote, or half of it, is left out."""
    watch = {"review": RuleWatch("abc", NOW)}
    assert unpack_watch(pack_watch(watch)) == watch
    for broken in (None, [], {"review": None}, {"review": ["abc"]}, {"review": ["abc", "soon"]}):
        assert unpack_watch(broken) == {}
