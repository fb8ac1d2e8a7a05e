"""Checks of writing back: once, marked, never by itself, and found again.

They run only for connectors that declare "application_note" in `spec.writes`.
"""

from __future__ import annotations

import pytest

from atsbridge.errors import AmbiguousError, FatalError
from atsbridge.model.record import Key
from atsbridge.ports import Note
from atsbridge.testing.world import ConnectorWorld, World


class NoteChecks(ConnectorWorld):
    """A note is left once, however often it is tried."""

    @pytest.fixture
    def note(self, world: World) -> Note:
        """A note on a running application."""
        rows = world.company.records("application").values()
        one = next(row for row in rows if getattr(row, "status", "") == "active")
        subject = Key("acme", "application", one.id)
        return Note(subject, "Feedback is late.", "case-7.step-1", getattr(one, "candidate", None))

    def test_the_same_key_writes_once(self, world: World, note: Note) -> None:
        """Looked up before it is written: absent at first, then found, never twice."""
        if "application_note" not in self.spec.writes:
            with pytest.raises(FatalError):
                world.connector.write_note(note)
            assert world.connector.find_note(note) is None
            return
        before = len(world.company.notes)
        assert world.connector.find_note(note) is None
        receipt = world.connector.write_note(note)
        for _ in range(2):
            found = world.connector.find_note(note) or world.connector.write_note(note)
            assert found.ids == receipt.ids
        assert len(world.company.notes) == before + 1
        assert note.key in world.company.notes[-1].body

    def test_a_lost_answer_is_looked_up(self, world: World, note: Note) -> None:
        """It may have been written: said so, not repeated, and found by its key."""
        if "application_note" not in self.spec.writes:
            return
        before = len(world.company.notes)
        for method in ("POST", "PUT"):
            world.fake.server.faults.add("note", method=method, drop=True, handled=True)
        with pytest.raises(AmbiguousError):
            world.connector.write_note(note)
        world.fake.server.faults.clear()
        assert world.connector.find_note(note) is not None
        assert len(world.company.notes) == before + 1
