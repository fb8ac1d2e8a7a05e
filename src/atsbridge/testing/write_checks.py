"""Checks of writing: written once, only when asked, found again, and removed.

A connector must write what it declares in `spec.writes`, and must refuse everything else.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from atsbridge.errors import AmbiguousError, FatalError
from atsbridge.model import CAPABILITIES, JOB_NOTE, TAG, Key, tag
from atsbridge.ports import Note
from atsbridge.sandbox import Request, Response
from atsbridge.testing.connector_world import ConnectorWorld, FakeAccount


def _find_writer(world: FakeAccount, note: Note) -> tuple[str, str]:
    """Method and path of the request by which a note is written."""
    app, found = world.fake.server.app, list[tuple[str, str]]()

    def watched(request: Request) -> Response:
        before = len(world.company.notes)
        response = app(request)
        if len(world.company.notes) > before:
            found.append((request.method, request.path))
        return response

    world.fake.server.app = watched
    try:
        world.connector.write_note(replace(note, key=f"{note.key}.first"))
    finally:
        world.fake.server.app = app
    assert found, "write_note wrote no note into the company of the fake (`Company.notes`)"
    return found[-1]


class NoteChecks(ConnectorWorld):
    """A note is written once, however often it is tried."""

    def test_what_it_writes_has_a_name(self) -> None:
        """`spec.writes` has the names that an account allows in `write`."""
        assert set(self.spec.writes) <= set(CAPABILITIES)

    def test_a_tag_is_put_on_once_and_taken_off(self, world: FakeAccount, note: Note) -> None:
        """A second time changes nothing; removing an absent tag is no error."""
        record, mark = note.subject, tag("feedback late")
        if TAG not in self.spec.writes:
            with pytest.raises(FatalError):
                world.connector.add_mark(record, mark)
            return
        assert world.connector.find_mark(record, mark) is None
        receipts = [world.connector.add_mark(record, mark) for _ in range(2)]
        assert [receipt.ids["had"] for receipt in receipts] == [False, True]
        there = world.connector.find_mark(record, mark)
        assert there is not None
        assert there.ids["on"] == receipts[0].ids["on"]
        for _ in range(2):
            world.connector.remove_mark(record, mark)
            assert world.connector.find_mark(record, mark) is None

    def test_a_note_on_a_requisition_is_left_once_or_refused(self, world: FakeAccount) -> None:
        """It is found by its key if the ATS has such notes; otherwise nothing is written."""
        requisition = next(iter(world.company.records("requisition")))
        note = Note(Key("acme", "requisition", requisition), "No profile yet.", "case-8.step-1")
        if JOB_NOTE not in self.spec.writes:
            with pytest.raises(FatalError):
                world.connector.write_note(note)
            return
        assert world.connector.find_note(note) is None
        receipt = world.connector.write_note(note)
        found = world.connector.find_note(note)
        assert found is not None
        assert found.ids == receipt.ids

    def test_check_write_writes_nothing(self, world: FakeAccount) -> None:
        """Each permission has a line in `doctor`, and no request changes anything."""
        for capability in self.spec.writes:
            line = world.connector.check_write(capability)
            assert (line.what, line.good) == (f"write {capability}", True), line.detail
        assert not {method for method, _, _ in world.fake.server.log} & {"PUT", "PATCH", "DELETE"}
        assert len(world.company.notes) == 0

    @pytest.fixture
    def note(self, world: FakeAccount) -> Note:
        """A note on a running application."""
        rows = world.company.records("application").values()
        one = next(row for row in rows if getattr(row, "status", "") == "active")
        subject = Key("acme", "application", one.id)
        return Note(subject, "Feedback is late.", "case-7.step-1", getattr(one, "candidate", None))

    def test_the_same_key_writes_once(self, world: FakeAccount, note: Note) -> None:
        """The key is looked up before writing: absent at first, then found, never written twice."""
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

    def test_a_lost_answer_is_looked_up(self, world: FakeAccount, note: Note) -> None:
        """A lost answer raises AmbiguousError; the note is found by its key, not written again."""
        if "application_note" not in self.spec.writes:
            return
        method, path = _find_writer(world, note)
        before = len(world.company.notes)
        world.fake.server.faults.add(f"^{re.escape(path)}$", method=method, drop=True, handled=True)
        with pytest.raises(AmbiguousError):
            world.connector.write_note(note)
        world.fake.server.faults.clear()
        assert world.connector.find_note(note) is not None
        assert len(world.company.notes) == before + 1
