"""Notes: written with a marker, quietly, and found again by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from atsbridge.errors import AmbiguousError, DeniedError, FatalError
from atsbridge.model.record import Key
from atsbridge.ports.connector import Note
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.timesource import ManualTime
from atsbridge_lever import notes
from atsbridge_lever.connector import Lever


@pytest.fixture
def note(company: Company) -> Note:
    someone = next(iter(company.records("application")))
    return Note(Key("acme", "application", someone), "Feedback is due.", "8f21c0")


def test_a_note_is_found_by_its_key_and_no_other(
    lever: Lever, note: Note, company: Company
) -> None:
    """The receipt names the note, and tells when it was written."""
    assert lever.find_note(note) is None
    written = lever.write_note(note)
    assert [row.body for row in company.notes] == ["Feedback is due.\n\n[atsbridge 8f21c0]"]
    found = lever.find_note(note)
    assert found is not None
    assert found.ids["note"] == written.ids["note"] == company.notes[0].id
    assert abs(found.at - company.notes[0].created_at) < timedelta(milliseconds=1)
    assert lever.find_note(Note(note.subject, note.text, "8f21c")) is None


def test_a_lost_answer_is_ambiguous_and_read_back(
    fake: Fake, lever: Lever, note: Note, company: Company
) -> None:
    """The note was written; it is looked up and not written again."""
    fake.server.faults.add(r"/notes$", method="POST", drop=True, handled=True)
    with pytest.raises(AmbiguousError):
        lever.write_note(note)
    assert lever.find_note(note) is not None
    assert len(company.notes) == 1


def test_the_note_is_sent_quietly(lever: Lever, note: Note, company: Company) -> None:
    """Nobody is mentioned by e-mail, followers are not told; only those with the right read it."""
    lever.write_note(Note(note.subject, "Ask @rae; write to a@b.example", note.key))
    assert company.notes[0].body.startswith("Ask @ rae; write to a@b.example")
    assert company.notes[0].visibility == "private"


def test_a_long_note_is_cut_and_keeps_its_marker(note: Note) -> None:
    """What is known to work is 2,000 characters."""
    long = notes.text(Note(note.subject, "word " * 900, note.key))
    assert len(long) <= 2000
    assert long.endswith("…\n\n[atsbridge 8f21c0]")
    assert notes.text(Note(note.subject, notes.text(note), note.key)) == notes.text(note)


def test_notes_go_on_applications_alone(lever: Lever, fake: Fake) -> None:
    """Nothing is sent for another subject."""
    with pytest.raises(FatalError, match="opportunities only"):
        lever.write_note(Note(Key("acme", "requisition", "r1"), "x", "k1"))
    assert fake.server.count() == 0


def test_a_key_that_may_not_write_says_how_to_get_one_that_may(
    served: Callable[..., Fake], connected: Callable[..., Lever], note: Note
) -> None:
    """A Lever key cannot be changed: the remedy is a new one."""
    lever = connected(served(denied=frozenset({"notes:write"}), confidential=True))
    with pytest.raises(DeniedError, match="make one with this permission"):
        lever.write_note(note)


def test_a_note_moves_the_activity_clock_to_the_instant_of_its_receipt(
    lever: Lever, note: Note, clock: ManualTime
) -> None:
    """So that own writes can be told from the candidate's and the team's."""
    clock.advance(timedelta(minutes=5))
    at = lever.write_note(note).at
    ((_, page), *_) = lever.refresh("application", [note.subject.id])
    assert at is not None
    moved = f'"lastInteractionAt":{int(at.timestamp() * 1000)}'.encode()
    assert moved in bytes(page.rows[0])
