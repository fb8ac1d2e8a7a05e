"""Checks of scorecards of interviews that did not take place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from atsbridge.model import NOT_HELD, Key, Record
from atsbridge.ports import Store
from atsbridge.testing.connector_world import ConnectorWorld, FakeAccount

OVER = ("scheduled", "awaiting_feedback", "complete")
NEW = "no_show"  # a status that no catalog has
_HELD = dict.fromkeys(OVER, "held") | dict.fromkeys(NOT_HELD, "not_held")
_OWED = {"held": True, "not_held": False, None: None}


class HeldChecks(ConnectorWorld):
    """Nobody owes a scorecard for an interview that was not held."""

    def test_nobody_owes_feedback_on_an_interview_that_was_not_held(
        self, world: FakeAccount, store: Store
    ) -> None:
        """An interview that is over, in every status there is and in one that is new: a scorecard
        is owed where it was held, not owed where it was not, and unknown where nobody can tell."""
        owing = list(self._owing(world))
        if not owing:
            return  # this ATS or company has no required scorecards
        for place, status in enumerate((*OVER, *NOT_HELD, NEW)):
            row = owing[place % len(owing)]
            with world.company.lock:
                world.company.ledger.change(
                    "interview", row.interview, world.clock.now(), status=status
                )
            world.sync(store, full=True)
            store.subjects.derive("acme", world.clock.now())
            self._holds(world, store, row, status)

    def _owing(self, world: FakeAccount) -> Iterator[Any]:
        """Seats with an owed scorecard, of ended interviews of active applications."""
        seats = list(world.company.records("seat").values())
        for row in seats:
            seat: Any = row
            interview: Any = world.company.ledger.get("interview", seat.interview)
            application: Any = world.company.ledger.get("application", interview.application)
            cards = [s.scorecard for s in self._beside(seats, seat)]
            given = any(self._submitted(world, card) for card in cards)
            over = interview.ends_at is not None and interview.ends_at <= world.clock.now()
            if seat.feedback_required and over and not given and application.status == "active":
                yield seat

    def _beside(self, seats: list[Record], seat: Any) -> list[Any]:
        return [other for other in seats if getattr(other, "interview", None) == seat.interview]

    def _submitted(self, world: FakeAccount, card: str | None) -> bool:
        found: Any = world.company.records("scorecard").get(card or "")
        return found is not None and found.submitted_at is not None

    def _expected(
        self, world: FakeAccount, kind: str, id_: str
    ) -> tuple[str, dict[str, Any]] | None:
        record = world.company.records(kind)[id_]
        owned = {c for s in world.spec.streams for c in s.owns.get(kind, ())}
        values = {column: getattr(record, column) for column in owned}
        return self.tell(kind, record, values, world.company)

    def _holds(self, world: FakeAccount, store: Store, row: Any, status: str) -> None:
        shown = self._expected(world, "interview", row.interview)
        seated = self._expected(world, "seat", row.id)
        seat: Any = store.history.read_record(Key("acme", "seat", seated[0])) if seated else None
        if shown is None or seated is None:  # the ATS no longer shows it
            assert seat is None or seat.deleted_at is not None or seat.feedback_owed is not True
            return
        interview: Any = store.history.read_record(Key("acme", "interview", shown[0]))
        held = _HELD.get(shown[1].get("status", status))
        assert interview.held == held, f"an interview that is {status} reads {interview.held}"
        assert seat.feedback_owed is _OWED[held], f"of an interview that is {status}"
