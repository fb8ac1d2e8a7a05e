"""A list that shows every value of a field of another list's records."""

from __future__ import annotations

from atsbridge.model.query import Condition, Operator, Query


def test_a_record_that_a_full_list_does_not_name_has_none(store, feed):
    """A list that shows every value (`absent_is_fact`): no scorecard is a fact, on every seat."""
    feed.page("seat", {"id": "1", "interview": "i1", "user": "u1"}, stream="interviewers")
    full = {"creates": frozenset(), "facts": frozenset({"seat.scorecard"})}
    feed.page("seat", {"id": "9", "scorecard": "c1"}, stream="scorecards", **full)
    columns = ("seat.user", "seat.scorecard", "seat.scorecard.submitted_at")
    where = Condition("seat.scorecard", Operator.UNSET)
    (found,) = store.subjects.select("acme", Query("seat", where, columns))
    assert (found.id, found.unknown, found.missing) == ("1", False, ())
    feed.page("seat", {"id": "9", "scorecard": "c1"}, stream="scorecards", creates=frozenset())
    (found,) = store.subjects.select("acme", Query("seat", where, columns))
    assert found.unknown, "a list that no longer promises it is not believed"
