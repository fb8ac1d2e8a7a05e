"""Derived fields of requisitions: whose turn it is, criteria and team."""

from __future__ import annotations

import pytest

from atsbridge.model.record import Key

from .conftest import DAY, HOUR


def _requisition(feed, store):
    feed.store.subjects.derive("acme", feed.at)
    return store.history.read_record(Key("acme", "requisition", "r1"))


def _turn(feed, store):
    found = _requisition(feed, store)
    return found.assignee, found.assignee_role, found.assignee_since


@pytest.fixture
def search(feed):
    """An open requisition with a recruiter, a manager and nobody on it yet."""
    opened = feed.at - 9 * DAY
    feed.page("requisition", {"id": "r1", "status": "open", "opened_at": opened})
    feed.page(
        "team_member",
        {"id": "m1", "requisition": "r1", "user": "rita", "role": "recruiter"},
        {"id": "m2", "requisition": "r1", "user": "max", "role": "hiring_manager"},
    )
    feed.page("stage", {"id": "review", "kind": "review"}, {"id": "screen", "kind": "screen"})
    return feed


def test_an_empty_search_is_the_recruiters_ball(search, store):
    """Since it opened."""
    assert _turn(search, store) == ("rita", "recruiter", search.at - 9 * DAY)


def test_a_search_waits_for_whoever_has_not_agreed_its_brief(search, store):
    """First who wrote it, then the other side since that agreement, then the search itself."""
    said = search.at - 2 * DAY
    brief = {"id": "b1", "requisition": "r1", "version": 1, "created_at": said - DAY}
    search.page("brief", {**brief, "agreed": None})
    assert _turn(search, store) == ("rita", "recruiter", said - DAY)
    search.page("brief", {**brief, "agreed": {"rita": said.isoformat()}})
    assert _turn(search, store) == ("max", "hiring_manager", said)
    both = {"rita": said.isoformat(), "max": said.replace(tzinfo=None).isoformat(), "eve": None}
    search.page("brief", {**brief, "agreed": both})
    assert _turn(search, store) == ("rita", "recruiter", search.at - 9 * DAY)


def test_a_search_waits_for_its_approver_first(search, store):
    """Whoever it sits with longest, brief or not."""
    asked = search.at - DAY
    search.page("brief", {"id": "b1", "requisition": "r1", "agreed": None})
    search.page(
        "approval",
        *(
            {"id": v, "requisition": "r1", "user": v, "requested_at": at, "status": status}
            for v, at, status in [
                ("ann", asked, "due"),
                ("abe", asked + HOUR, "due"),
                ("amy", asked - HOUR, "waiting"),
            ]
        ),
    )
    assert _turn(search, store) == ("ann", "approver", asked)


def test_a_search_waits_where_its_longest_waiting_candidate_does(search, store):
    """Somebody here before the candidate; nobody at all is the recruiter's; the end nobody's."""
    t = search.at
    stays = [("a1", "review", t - 3 * DAY), ("a2", "screen", t - 5 * DAY)]
    search.page(
        "application",
        *({"id": a, "requisition": "r1", "status": "active", "stage": s} for a, s, _ in stays),
    )
    search.page(
        "stage_stay",
        *(
            {"id": f"s{a}", "application": a, "stage": s, "entered_at": at, "left_at": None}
            for a, s, at in stays
        ),
    )
    assert _turn(search, store) == ("rita", "recruiter", t - 5 * DAY)
    closed = {"requisition": "r1", "status": "rejected"}
    search.page("application", {"id": "a2", **closed, "stage": "screen"})
    assert _turn(search, store) == ("max", "hiring_manager", t - 3 * DAY)
    search.page("application", {"id": "a1", **closed, "stage": "review"})
    assert _turn(search, store) == ("rita", "recruiter", t - 3 * DAY)
    search.page("requisition", {"id": "r1", "status": "filled", "opened_at": t})
    assert _turn(search, store) == (None, None, None)


def test_criteria_are_listed_by_name(search, store):
    """Each name once, sorted, whatever letters it has; none is none."""
    assert _requisition(search, store).criteria is None
    names = ["SQL", 'Says "no"', "Ärger", "SQL"]
    criteria = [{"id": f"k{n}", "requisition": "r1", "name": one} for n, one in enumerate(names)]
    search.page("criterion", *criteria)
    assert _requisition(search, store).criteria == ("SQL", 'Says "no"', "Ärger")


def test_a_changed_team_or_list_of_criteria_is_kept(search, store):
    """The first value is no change; later ones are, dated by our sight."""
    search.page("criterion", {"id": "k1", "requisition": "r1", "name": "SQL"})
    _requisition(search, store)
    search.settle()
    search.at += DAY
    search.page("criterion", {"id": "k2", "requisition": "r1", "name": "Writing"})
    search.page(
        "team_member", {"id": "m2", "requisition": "r1", "user": "eve", "role": "hiring_manager"}
    )
    _requisition(search, store)
    kept = store.history.read_changes(
        Key("acme", "requisition", "r1"), ("criteria", "hiring_manager")
    )
    assert [(c.field, c.old, c.new, c.observed_at, c.origin.value) for c in kept] == [
        ("hiring_manager", "max", "eve", search.at, "poll"),
        ("criteria", ("SQL",), ("SQL", "Writing"), search.at, "poll"),
    ]


def test_a_mapped_team_is_no_changed_team(search, store):
    """A role that only a mapping made another: the change is the mapping's."""
    _requisition(search, store)
    search.settle()
    search.at += DAY
    search.page(
        "team_member",
        {"id": "m1", "requisition": "r1", "user": "rita", "role": "sourcer"},
        {"id": "m2", "requisition": "r1", "user": "max", "role": "recruiter"},
        remapped=frozenset({"team_member.role"}),
    )
    _requisition(search, store)
    kept = store.history.read_changes(Key("acme", "requisition", "r1"), ("recruiter",))
    assert [(c.old, c.new, c.origin.value) for c in kept] == [("rita", "max", "mapping")]


def test_a_search_that_was_hidden_for_a_while_has_no_changed_team(search, store):
    """A credential that sees fewer jobs hides the team with its search, and both are back later."""
    _requisition(search, store)
    search.settle()
    search.at += DAY
    store.records.delete_rows("acme", "team_members", ["m1", "m2"], search.at)
    store.records.delete_rows("acme", "requisitions", ["r1"], search.at)
    _requisition(search, store)
    search.settle()
    search.at += DAY
    search.page("requisition", {"id": "r1", "status": "open", "opened_at": search.at - 11 * DAY})
    search.page(
        "team_member",
        {"id": "m1", "requisition": "r1", "user": "rita", "role": "recruiter"},
        {"id": "m2", "requisition": "r1", "user": "max", "role": "hiring_manager"},
    )
    found = _requisition(search, store)
    assert (found.recruiter, found.hiring_manager) == ("rita", "max")
    kept = store.history.read_changes(
        Key("acme", "requisition", "r1"), ("recruiter", "hiring_manager")
    )
    assert {one.origin.value for one in kept} == {"mapping"}


def _criterion(ident, name, updated):
    dates = {"created_at": updated - DAY, "updated_at": updated}
    return {"id": ident, "requisition": "r1", "name": name, **dates}


def test_criteria_that_an_earlier_answer_left_out_are_no_changed_criteria(search, store):
    """They had not changed for days when they were first seen; what changed since then is news."""
    search.page("criterion", _criterion("k1", "SQL", search.at - DAY))
    _requisition(search, store)
    for names, updated in (("Tact", -3 * DAY), ("Writing", DAY)):
        search.settle()
        search.at += DAY
        search.page("criterion", _criterion(names, names, search.at - DAY + updated))
        _requisition(search, store)
    kept = store.history.read_changes(Key("acme", "requisition", "r1"), ("criteria",))
    assert [(c.new, c.origin.value) for c in kept] == [
        (("SQL", "Tact"), "mapping"),
        (("SQL", "Tact", "Writing"), "poll"),
    ]


def test_criteria_of_which_one_went_have_changed(search, store):
    """Whatever was found late beside it."""
    search.page("criterion", *(_criterion(k, k, search.at - DAY) for k in ("SQL", "Tact")))
    _requisition(search, store)
    search.settle()
    search.at += DAY
    search.page("criterion", _criterion("Writing", "Writing", search.at - 3 * DAY))
    store.records.delete_rows("acme", "criterions", ["Tact"], search.at)
    _requisition(search, store)
    kept = store.history.read_changes(Key("acme", "requisition", "r1"), ("criteria",))
    assert [(c.new, c.origin.value) for c in kept] == [(("SQL", "Writing"), "poll")]
