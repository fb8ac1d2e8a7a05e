"""A parent in the work queue: what is read by it is unknown for its subjects, and for no others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from atsbridge.model.fragment import Fragment
from atsbridge.model.query import All, Condition, Operator, Query
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.verdict import State
from atsbridge.ports.record_store import PageWrite, RowWrite, StreamState, StreamStatus, Work
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.evaluate.evaluator import evaluate_rule
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.worktime.calendar import Calendar, parse_hours

from ..conftest import NOON

HOUR = timedelta(hours=1)
ALWAYS = Calendar("always", "UTC", parse_hours("mon-sun 00:00-24:00"), {})
LIST = {
    "application": ("requisition", "status", "stage"),
    "stage_stay": ("application", "stage", "entered_at"),
}
CHILDREN = {
    "interview": ("application", "status", "ends_at"),
    "seat": ("interview", "user", "feedback_required", "scorecard"),
    "scorecard": ("application", "submitted_at"),
}
FORMS = {"scorecard": ("application", "interview")}
PACK = """\
version: 1
rules:
  - id: feedback-late
    kind: sla
    status: live
    title: Interview feedback is late
    each: interview.seat
    where: {seat.feedback_required: true, application.status: active}
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      owed_by: seat.user
    target: 4h
    steps: [{at: due, to: seat.user}]
    message: "Feedback was due."
  - id: torn
    kind: spread
    status: live
    title: The panel is split
    each: application
    of: seat
    value: seat.scorecard.recommendation
    once: seat.scorecard.submitted_at
    apart: 2
    steps: [{at: due, to: requisition.recruiter}]
    message: "{check.found}"
"""


def write(store, stream, owns, *rows, **more):
    """A page of a stream: each row a list of (kind, id, values)."""
    written = [
        RowWrite(str(n), str((n, rows)).encode(), [Fragment(k, i, v) for k, i, v in row])
        for n, row in enumerate(rows)
    ]
    state = StreamState(stream=stream, status=StreamStatus.GOOD, bookmark=NOON, read_at=NOON)
    page = PageWrite(
        account="acme", stream=stream, at=NOON, owns=owns, rows=written, state=state, **more
    )
    store.records.write_page(page)


def candidacy(one):
    return [
        ("application", one, {"requisition": "r" + one[1:], "status": "active", "stage": "s"}),
    ]


def interview(one):
    ends = NOON - 9 * HOUR
    return [
        ("interview", f"i{one}", {"application": one, "status": "scheduled", "ends_at": ends}),
        (
            "seat",
            f"i{one}:u",
            {"interview": f"i{one}", "user": "u", "feedback_required": True, "scorecard": None},
        ),
    ]


@pytest.fixture
def company(store):
    """Candidates a1 and a2 on requisitions r1 and r2, an interview of each over, feedback owed."""
    write(
        store,
        "requisitions",
        {"requisition": ("title",)},
        *([("requisition", f"r{n}", {"title": "T"})] for n in (1, 2)),
    )
    write(store, "applications", LIST, candidacy("a1"), candidacy("a2"))
    write(store, "interviews", CHILDREN, interview("a1"), interview("a2"))
    return store


def wait(store, one="a1"):
    """The candidate's interviews are to be read."""
    work = [Work("interviews", one, "application")]
    store.records.write_page(
        PageWrite(account="acme", stream="applications", at=NOON, owns=LIST, wanted=work)
    )


def drain(store, one="a1"):
    """They were read, and nothing had changed."""
    work = [Work("interviews", one)]
    store.records.write_page(
        PageWrite(account="acme", stream="interviews", at=NOON, owns=CHILDREN, done=work)
    )


@pytest.fixture(scope="module")
def rules():
    return load([("p.yaml", PACK)], {kind.name: kind for kind in BUILTIN_KINDS}).rules


def judged(store, rule, now=NOON, **how):
    """id -> (state, when to look again) of every subject the rule finds."""
    around = EvaluationContext(
        now=now,
        calendars=lambda _user, _name: ALWAYS,
        others=lambda query: list(store.subjects.select("acme", query)),
    )
    found = store.subjects.select("acme", rule.open, **how)
    verdicts = [evaluate_rule(rule, one, around) for one in found]
    return {v.subject.id: (v.state, v.look_at) for v in verdicts}


def test_what_waits_neither_fires_nor_resolves_and_its_neighbor_does(company, rules):
    """The seat of a waiting candidate is unknown and looked at again; the other is breached."""
    wait(company)
    assert judged(company, rules["feedback-late"]) == {
        "ia1:u": (State.UNKNOWN, NOON),
        "ia2:u": (State.BREACHED, None),
    }


def test_the_same_store_without_the_queue_fires(company, rules):
    """Nothing waits, before or after: both are breached."""
    both = {"ia1:u": (State.BREACHED, None), "ia2:u": (State.BREACHED, None)}
    assert judged(company, rules["feedback-late"]) == both
    wait(company)
    drain(company)
    assert judged(company, rules["feedback-late"]) == both


def test_a_case_is_not_closed_by_what_waits(company, rules):
    """By id and without the filter, as open cases are judged, a waiting subject is unknown too."""
    wait(company)
    how = {"ids": ["ia1:u"], "filtered": False}
    assert judged(company, rules["feedback-late"], **how) == {"ia1:u": (State.UNKNOWN, NOON)}


def test_a_check_waits_for_records_it_has_never_seen(company, rules):
    """No scorecard is stored; whether the panel is torn is unknown only where some may come."""
    wait(company)
    states = judged(company, rules["torn"])
    assert states["a1"] == (State.UNKNOWN, NOON)
    assert states["a2"][0] is State.KEPT


def test_ratings_that_wait_for_their_scorecard_wait_for_its_candidate(company):
    """A list read by scorecards: what it brings is unknown for candidate and seat alike."""
    write(company, "ratings", {"scorecard": ("ratings",)})
    write(
        company,
        "forms",
        FORMS,
        [("scorecard", "f", {"application": "a1", "interview": "ia1"})],
    )
    work = [Work("ratings", "f", "scorecard")]
    company.records.write_page(
        PageWrite(
            account="acme",
            stream="forms",
            at=NOON,
            owns=FORMS,
            wanted=work,
        )
    )
    for kind, one, other in (("application", "a1", "a2"), ("seat", "ia1:u", "ia2:u")):
        unread = {f.id: f.unread for f in company.subjects.select("acme", Query(kind, All(), ()))}
        assert unread == {
            one: frozenset({"scorecard.ratings", "scorecard.unrated"}),
            other: frozenset(),
        }


def test_two_lists_with_different_parents_wait_each_for_its_own(company):
    """Interviews by candidate, ratings by scorecard: neither's parents nor columns are mixed up."""
    write(company, "ratings", {"scorecard": ("ratings",)})
    write(company, "forms", FORMS, [("scorecard", "f", {"application": "a2", "interview": "ia2"})])
    wait(company, "a1")
    ratings = [Work("ratings", "f", "scorecard")]
    company.records.write_page(
        PageWrite(account="acme", stream="forms", at=NOON, owns=FORMS, wanted=ratings)
    )
    applications = company.subjects.select("acme", Query("application", All(), ()))
    unread = {one.id: one.unread for one in applications}
    assert {"interview.status", "seat.user"} <= unread["a1"]
    assert "scorecard.ratings" not in unread["a1"]
    assert unread["a2"] == {"scorecard.ratings", "scorecard.unrated"}
    seats = {
        one.id: one.unread for one in company.subjects.select("acme", Query("seat", All(), ()))
    }
    assert "seat.user" in seats["ia1:u"]
    assert seats["ia2:u"] == {"scorecard.ratings", "scorecard.unrated"}


def test_open_cases_that_hang_on_a_waiting_parent_are_named_to_be_judged_again(company):
    """Of those asked for, in order of id, also where the subject is deleted; none where none
    waits."""
    asked = ["ia2:u", "ia1:u", "nobody"]
    assert list(company.subjects.find_unread("acme", "seat", asked)) == []
    wait(company, "a1")
    assert list(company.subjects.find_unread("acme", "seat", asked)) == ["ia1:u"]
    assert list(company.subjects.find_unread("acme", "seat", ["ia2:u"])) == []
    wait(company, "a2")
    company.records.delete_rows("acme", "interviews", ["1"], NOON)
    assert list(company.subjects.find_unread("acme", "seat", asked)) == ["ia1:u", "ia2:u"]
    drain(company, "a1")
    drain(company, "a2")
    assert list(company.subjects.find_unread("acme", "seat", asked)) == []


def test_what_is_computed_from_below_waits_above(company):
    """first_interview_at of the requisition over a waiting candidate waits, and of no other."""
    wait(company)
    query = Query("requisition", All(), ("requisition.first_interview_at", "requisition.title"))
    unread = {one.id: one.unread for one in company.subjects.select("acme", query)}
    assert "requisition.first_interview_at" in unread["r1"]
    assert "requisition.title" not in unread["r1"]
    assert unread["r2"] == frozenset()


def test_what_the_list_itself_says_does_not_wait(company):
    """Of a waiting candidate, the stage is known; who holds the ball is not."""
    wait(company)
    columns = ("application.stage", "application.assignee")
    (found,) = company.subjects.select("acme", Query("application", All(), columns), ids=["a1"])
    assert "application.stage" not in found.unread
    assert "application.assignee" in found.unread


def test_a_sibling_on_the_requisition_waits_for_what_is_computed_of_both(store):
    """A candidate whose own interviews are read waits with the requisition's computed instant."""
    write(
        store,
        "applications",
        LIST,
        *(
            [("application", one, {"requisition": "r", "status": "active", "stage": "s"})]
            for one in ("a1", "a2")
        ),
    )
    write(
        store, "requisitions", {"requisition": ("title",)}, [("requisition", "r", {"title": "T"})]
    )
    write(store, "interviews", CHILDREN, interview("a2"))
    wait(store)
    query = Query("application", All(), ("requisition.first_interview_at",))
    (found,) = store.subjects.select("acme", query, ids=["a2"])
    assert "requisition.first_interview_at" in found.unread
    assert "application.assignee" not in found.unread


@pytest.mark.parametrize(("where", "unknown"), [("scheduled", True), ("cancelled", True)])
def test_a_condition_on_what_waits_is_unknown_either_way(company, where, unknown):
    """Whether the stored word meets it or not: the row comes, and is said to be unknown."""
    wait(company)
    asked = Condition("interview.status", Operator.EQ, where)
    found = {
        f.id: f.unknown for f in company.subjects.select("acme", Query("interview", asked, ()))
    }
    assert found["ia1"] is unknown
    assert found.get("ia2", False) is False


def test_a_false_condition_on_the_list_settles_it(company):
    """A candidate whom the list says to be rejected is nobody's business, waiting or not."""
    wait(company)
    both = All(
        (
            Condition("application.status", Operator.EQ, "rejected"),
            Condition("application.assignee", Operator.SET),
        )
    )
    assert list(company.subjects.select("acme", Query("application", both, ()))) == []


def test_two_accounts_do_not_wait_for_each_other(company):
    """The queue of one account says nothing of another's records with the same ids."""
    other = [Work("interviews", "a1", "application")]
    company.records.write_page(
        PageWrite(account="globex", stream="interviews", at=NOON, owns=CHILDREN, wanted=other)
    )
    (found,) = company.subjects.select("acme", Query("application", All(), ()), ids=["a1"])
    assert found.unread == frozenset()


def test_who_is_gone_ends_their_cases_whatever_the_facts_say(company, rules):
    """Asked for by id, as an open case is: outside, and why; no list of subjects holds it."""
    company.records.delete_rows("acme", "interviews", ["0"], NOON)
    rule = rules["feedback-late"]
    around = EvaluationContext(now=NOON, calendars=lambda _user, _name: ALWAYS)
    found = list(company.subjects.select("acme", rule.open, ids=["ia1:u", "ia2:u"], filtered=False))
    verdicts = {one.id: evaluate_rule(rule, one, around) for one in found}
    assert (verdicts["ia1:u"].state, verdicts["ia1:u"].reason) == (
        State.OUTSIDE,
        because(ReasonCode.DELETED),
    )
    assert verdicts["ia2:u"].state is State.BREACHED
    assert [one.id for one in company.subjects.select("acme", rule.open)] == ["ia2:u"]
