"""The kinds beside sla and quiet: order, celebrate, complete, changed, ratio, spread, judged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from atsbridge.model.change import Change, Origin
from atsbridge.model.query import Found
from atsbridge.model.record import Key
from atsbridge.model.verdict import State, Verdict
from atsbridge.rules.language.pack_errors import RuleErrors
from atsbridge.rules.rule import Rule

HEAD = """\
version: 1
rules:
  - id: one
    status: live
    title: One rule
    message: "See {check.found}."
    steps: [{at: due, to: requisition.recruiter}, {at: +1bd, to: requisition.hiring_manager}]
"""
ORDER = """\
    kind: order
    each: requisition
    clock:
      first: requisition.criteria_agreed_at
      then: requisition.first_interview_at
      cancel: [requisition.closed_at]
"""
GLAD = """\
    kind: celebrate
    each: requisition
    where: {requisition.status: filled}
    event: requisition.closed_at
"""
COMPLETE = """\
    kind: complete
    each: requisition
    where: {requisition.status: open}
    needs: [requisition.hiring_manager, requisition.target_on]
"""
CHANGED = """\
    kind: changed
    each: requisition
    fields: [requisition.priority, requisition.pay_max]
    since: requisition.opened_at
"""
RATIO = """\
    kind: ratio
    each: requisition
    of: application
    among: {application.submitted_at: {is: set}}
    share: {application.status: rejected}
    by: application.decided_at
    last: 4
    least: 3
    over: 60%
"""
SPREAD = """\
    kind: spread
    each: application
    of: seat
    among: {seat.feedback_required: true}
    same: {interview.stage: application.stage}
    value: seat.scorecard.recommendation
    once: seat.scorecard.submitted_at
    apart: 3
"""
OPENED = "requisition.opened_at"


@pytest.fixture
def rule(rules: Any) -> Any:
    """The one rule of these keys, on the common ones."""

    def make(keys: str, head: str = HEAD) -> Rule:
        found: Rule = rules(head + keys)["one"]
        return found

    return make


def changes(*rows: tuple[str, Any, Any, datetime, Origin]) -> Any:
    """A log of one record's changes."""
    key = Key("acme", "requisition", "1")
    log = [Change(key, f, old, new, observed_at=at, origin=o) for f, old, new, at, o in rows]
    return lambda _key, _fields: log


def _parent(query: Any) -> str:
    """The path by which the query asks for what belongs to the subject."""
    path: str = query.where.parts[0].path
    return path


def below(kind: str, *rows: dict[str, Any]) -> Any:
    """What stands below the subject."""
    return lambda query: [
        Found("acme", kind, str(n), dict.fromkeys(query.columns) | {_parent(query): "1"} | row)
        for n, row in enumerate(rows)
    ]


ORDERLY = "\n".join(line.replace("at: due", "at: -1bd") for line in HEAD.splitlines()) + "\n"


@pytest.mark.parametrize(
    ("agreed", "now", "state"),
    [
        (None, "2026-03-02T12:00", State.PENDING),
        (None, "2026-03-06T12:00", State.WARNED),  # Friday, one working day before Monday
        (None, "2026-03-09T10:00", State.BREACHED),
        ("2026-03-05T10:00", "2026-03-06T12:00", State.KEPT),
        ("2026-03-10T10:00", "2026-03-11T12:00", State.KEPT),
    ],
)
def test_order_is_warned_of_before_and_broken_at_the_later_event(
    rule: Any, verdict: Any, at: Any, agreed: str | None, now: str, state: State
) -> None:
    """The first event has to come before the second, which may lie ahead."""
    facts = {
        "requisition.first_interview_at": at("2026-03-09T10:00"),
        "requisition.criteria_agreed_at": at(agreed) if agreed else None,
    }
    said: Verdict = verdict(rule(ORDER, ORDERLY), facts, now)
    assert said.state is state
    assert said.due is None or said.due.at == at("2026-03-09T10:00")


def test_order_has_no_percentages(rule: Any) -> None:
    """A share of a target is refused where there is no target."""
    with pytest.raises(RuleErrors, match="a share of a target, and an order has none"):
        rule(ORDER, HEAD.replace("at: due", 'at: "80%"'))


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2026-03-06T19:00", State.RUNNING),  # it was filled on Friday at 17:30
        ("2026-03-09T09:29", State.RUNNING),
        ("2026-03-09T09:30", State.WARNED),
        ("2026-03-12T09:29", State.WARNED),
        ("2026-03-12T09:30", State.KEPT),
    ],
)
def test_celebration_comes_in_office_hours_and_ends(
    rule: Any, verdict: Any, at: Any, now: str, state: State
) -> None:
    """An hour of office time after the event, for three working days; nobody is late."""
    facts = {"requisition.status": "filled", "requisition.closed_at": at("2026-03-06T17:30")}
    assert verdict(rule(GLAD), facts, now).state is state


def test_complete_names_what_is_missing(rule: Any, verdict: Any, at: Any) -> None:
    """It is due since its case opened, and told in words."""
    one = rule(COMPLETE)
    opened = at("2026-03-03T10:00")
    facts = {"requisition.status": "open", "requisition.hiring_manager": "u1"}
    said = verdict(one, facts, "2026-03-04T10:00", opened=lambda _rule, _key: opened)
    assert (said.state, said.finding) == (State.BREACHED, "target date")
    assert said.due.at == opened
    assert said.steps_due == (0, 1)
    first = verdict(one, facts, "2026-03-03T10:00")
    assert first.due.at == at("2026-03-03T10:00")
    assert first.steps_due == (0,)
    assert first.look_at == at("2026-03-04T10:00")


def test_complete_is_content_once_all_is_there(rule: Any, verdict: Any, at: Any) -> None:
    """What is there resolves; what cannot be read says nothing."""
    facts = {
        "requisition.status": "open",
        "requisition.hiring_manager": "u1",
        "requisition.target_on": at("2026-05-01T00:00").date(),
    }
    assert verdict(rule(COMPLETE), facts, "2026-03-04T10:00").state is State.KEPT
    unread = frozenset({"requisition.target_on"})
    said = verdict(rule(COMPLETE), facts, "2026-03-04T10:00", unreadable=unread)
    assert said.state is State.UNKNOWN


def test_check_needs_a_step_at_due(rule: Any) -> None:
    """Nothing can come before something is found, and the first step comes then."""
    with pytest.raises(RuleErrors, match="comes before anything is found"):
        rule(COMPLETE, HEAD.replace("at: due", "at: -1bd"))
    with pytest.raises(RuleErrors, match="no step comes at due"):
        rule(COMPLETE, HEAD.replace("at: due", "at: +2bd"))


def test_change_is_told_with_from_to_and_when(rule: Any, verdict: Any, at: Any) -> None:
    """Pay is told of without its figures; news ends after two working days."""
    log = changes(
        ("priority", "High", "Low", at("2026-03-03T09:00"), Origin.POLL),
        ("pay_max", 1.0, 2.0, at("2026-03-04T09:00"), Origin.POLL),
    )
    facts = {OPENED: at("2026-02-01T00:00")}
    said = verdict(rule(CHANGED), facts, "2026-03-04T10:00", changes=log)
    assert said.finding == "priority from High to Low (on Tue 3 Mar); pay range (on Wed 4 Mar)"
    assert (said.state, said.due.at) == (State.WARNED, at("2026-03-04T09:00"))
    assert said.look_at == at("2026-03-05T09:00")
    over = verdict(rule(CHANGED), facts, "2026-03-06T09:00", changes=log)
    assert over.state is State.KEPT


@pytest.mark.parametrize(
    "rows",
    [
        [("Low", Origin.MAPPING, "High")],
        [("Low", Origin.ANNOUNCED, "High"), ("Low", Origin.POLL, "High")],
        [("Low", Origin.POLL, "High"), ("High", Origin.POLL, "Low")],
        [],
    ],
    ids=["our mapping", "announced", "back again", "none"],
)
def test_change_that_is_no_news(rule: Any, verdict: Any, at: Any, rows: list[Any]) -> None:
    """The tool is no tell-tale, and does not report its own doing."""
    when = at("2026-03-04T09:00")
    log = changes(*(("priority", old, new, when, origin) for new, origin, old in rows))
    said = verdict(rule(CHANGED), {OPENED: at("2026-02-01T00:00")}, "2026-03-04T10:00", changes=log)
    assert said.state is State.KEPT


def test_change_before_the_point_is_none(rule: Any, verdict: Any, at: Any) -> None:
    """Before the search opens anything may change."""
    log = changes(("priority", "High", "Low", at("2026-03-03T09:00"), Origin.POLL))
    said = verdict(rule(CHANGED), {OPENED: at("2026-03-03T12:00")}, "2026-03-04T10:00", changes=log)
    assert said.state is State.KEPT


def test_changes_are_kept_of_own_fields_only(rule: Any) -> None:
    """A derived field has no log, which is said when the rule is read."""
    with pytest.raises(RuleErrors, match="no changes are kept of"):
        rule(CHANGED.replace("requisition.priority", "requisition.first_submission_at"))


def test_a_changed_list_is_told_by_what_came_and_what_went(
    rule: Any, verdict: Any, at: Any
) -> None:
    """Nobody compares two lists of criteria in a message."""
    log = changes(
        ("criteria", ("SQL", "Tact"), ("Tact", "Writing"), at("2026-03-03T09:00"), Origin.POLL)
    )
    one = rule(CHANGED.replace("requisition.priority", "requisition.criteria"))
    said = verdict(one, {OPENED: at("2026-02-01T00:00")}, "2026-03-03T10:00", changes=log)
    assert said.finding == "criteria: Writing added, SQL dropped (on Tue 3 Mar)"


@pytest.mark.parametrize(
    ("statuses", "state", "reason"),
    [
        ("rejected rejected active rejected", State.BREACHED, "3 of the last 4"),
        ("rejected active active active", State.KEPT, "1 of the last 4"),
        ("rejected rejected", State.KEPT, "only 2 of the 3 it takes to say"),
        ("active rejected rejected rejected rejected", State.BREACHED, "4 of the last 4"),
    ],
)
def test_ratio_is_of_the_last_ones(
    rule: Any, verdict: Any, at: Any, statuses: str, state: State, reason: str
) -> None:
    """Newest first by the instant that orders them; too few say nothing."""
    rows = [
        {
            "application.submitted_at": at("2026-02-01T00:00"),
            "application.decided_at": at(f"2026-03-0{day}T00:00"),
            "application.status": status,
        }
        for day, status in enumerate(statuses.split(), 1)
    ]
    said = verdict(rule(RATIO), {}, "2026-03-10T00:00", others=below("application", *rows))
    assert (said.state, said.reason["text"]) == (state, reason)


def test_ratio_with_an_unread_record_is_unknown(rule: Any, verdict: Any, at: Any) -> None:
    """A share that cannot be told of one record cannot be told of all."""
    row = {
        "application.submitted_at": at("2026-02-01T00:00"),
        "application.decided_at": at("2026-03-01T00:00"),
    }
    said = verdict(rule(RATIO), {}, "2026-03-10T00:00", others=below("application", row))
    assert (said.state, said.unknown) == (State.UNKNOWN, ("application.status",))


PANEL = HEAD.replace("{check.found}", "it")


@pytest.mark.parametrize(
    ("answers", "state"),
    [((2, -1), State.BREACHED), ((2, 0), State.KEPT), ((2, None), State.KEPT), ((), State.KEPT)],
)
def test_spread_waits_for_everybody(
    rule: Any, verdict: Any, at: Any, answers: tuple[int | None, ...], state: State
) -> None:
    """Far apart is told once all have answered, and never who said what."""
    rows = [
        {
            "seat.feedback_required": True,
            "interview.stage": "s1",
            "seat.scorecard.recommendation": answer,
            "seat.scorecard.submitted_at": at("2026-03-01T00:00") if answer is not None else None,
        }
        for answer in answers
    ]
    said = verdict(
        rule(SPREAD, PANEL),
        {"application.stage": "s1"},
        "2026-03-10T00:00",
        others=below("seat", *rows),
    )
    assert said.state is state
    assert not any(digit in said.finding for digit in ("-1", "strong"))


def test_records_below_are_asked_for_by_their_way_up(rule: Any, at: Any) -> None:
    """The Query differs between subjects in the condition that names them alone."""
    under, now = rule(SPREAD, PANEL).check.below, at("2026-03-10T00:00")
    first, *rest = under.query(Found("acme", "application", "a1", {}), now).where.parts
    assert (first.path, first.value) == ("interview.application", "a1")
    other = under.query(Found("acme", "application", "a2", {}), now)
    assert other.where.parts[1:] == (*rest,)


THREE = HEAD.replace(
    "{at: +1bd, to: requisition.hiring_manager}",
    "{at: +1bd, to: requisition.hiring_manager}, {at: +2bd, to: requisition.recruiter}",
)


@pytest.mark.parametrize(
    ("now", "come", "look"),
    [
        ("2026-03-03T10:00", (0,), "2026-03-04T10:00"),
        ("2026-03-04T10:00", (0, 1), "2026-03-05T10:00"),
        ("2026-03-05T10:00", (0, 1, 2), None),
    ],
)
def test_a_check_is_looked_at_again_at_the_first_of_its_steps_to_come(
    rule: Any, verdict: Any, at: Any, now: str, come: tuple[int, ...], look: str | None
) -> None:
    """With two steps ahead the nearer one: waiting for the other would make it late."""
    facts = {"requisition.status": "open", OPENED: at("2026-03-02T09:00")}
    opened = at("2026-03-03T10:00")
    said = verdict(rule(COMPLETE, THREE), facts, now, opened=lambda _rule, _key: opened)
    assert (said.state, said.steps_due) == (State.BREACHED, come)
    assert said.look_at == (at(look) if look else None)
