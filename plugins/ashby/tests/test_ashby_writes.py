"""Notes and tags on candidates, found through their application."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from atsbridge.errors import DeniedError, FatalError
from atsbridge.model import Key, tag
from atsbridge.ports import Note
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge_ashby import notes
from atsbridge_ashby.connector import Ashby
from atsbridge_ashby.notes import LONGEST


@pytest.fixture
def application(company: Company) -> Any:
    rows: Any = company.records("application").values()
    return next(row for row in rows if row.status == "active")


@pytest.fixture
def note(application: Any) -> Note:
    return Note(Key("acme", "application", application.id), "Feedback is late.", "case-7.step-1")


def test_a_note_goes_to_the_candidate_and_nobody_is_notified(
    fake: Fake, ashby: Ashby, company: Company, application: Any, note: Note
) -> None:
    """The candidate is looked up if the note does not name them."""
    receipt = ashby.write_note(note)
    assert receipt.ids["candidate"] == application.candidate
    assert company.notes[-1].candidate == application.candidate
    assert company.notes[-1].visibility == "public"
    (sent,) = [args for _, path, args in fake.server.log if path == "/candidate.createNote"]
    assert sent["sendNotifications"] == [False]
    found = ashby.find_note(note)
    assert found is not None
    assert found.ids == receipt.ids


def test_notes_are_private_where_the_account_says_so(
    served: Callable[..., Fake], connected: Callable[..., Ashby], company: Company, note: Note
) -> None:
    """A key without the right to private fields is refused, with the vendor's words."""
    connected(served(private=True), private_notes=True).write_note(note)
    assert company.notes[-1].visibility == "private"
    with pytest.raises(DeniedError, match="private fields"):
        connected(served(), private_notes=True).write_note(note)


def test_the_marker_stays_when_the_text_is_cut(note: Note) -> None:
    """By it the note is found again."""
    long = Note(note.subject, "x" * 9_000, note.key)
    text = notes.text(long)
    assert len(text) <= LONGEST
    assert text.endswith(notes.marker(note.key))
    assert notes.text(Note(note.subject, "", note.key)) == notes.marker(note.key)


def test_a_note_of_another_key_is_not_taken_for_it(ashby: Ashby, note: Note) -> None:
    """Nor is a note that somebody wrote by hand."""
    ashby.write_note(note)
    assert ashby.find_note(Note(note.subject, note.text, "case-7.step-2")) is None


def test_a_candidate_who_is_gone_gets_no_note(
    ashby: Ashby, company: Company, application: Any, note: Note
) -> None:
    """Neither by their own id nor by their application."""
    company.erase(application.candidate)
    with pytest.raises(FatalError):
        ashby.write_note(note)
    with pytest.raises(FatalError):
        ashby.write_note(Note(note.subject, note.text, note.key, application.candidate))


def test_a_tag_that_the_account_has_is_used(
    fake: Fake, ashby: Ashby, company: Company, application: Any
) -> None:
    """Another candidate gets the same tag, which is made once."""
    others: Any = company.records("application").values()
    other = next(row for row in others if row.candidate != application.candidate)
    for row in (application, other):
        ashby.add_mark(Key("acme", "application", row.id), tag("feedback late"))
    assert fake.server.count("/candidateTag.create") == 1
    shown = ashby.find_mark(Key("acme", "application", other.id), tag("feedback late"))
    assert shown is not None
    assert shown.ids["on"] == f"candidate/{other.candidate}"


def test_only_candidates_can_be_tagged(ashby: Ashby) -> None:
    """And with tags only."""
    with pytest.raises(FatalError):
        ashby.add_mark(Key("acme", "requisition", "j1"), tag("late"))


@pytest.mark.parametrize(
    ("denied", "capability", "good"),
    [
        ((), "application_note", True),
        (("candidatesWrite",), "application_note", False),
        (("hiringProcessMetadataWrite",), "application_note", True),
        (("hiringProcessMetadataWrite",), "tag", False),
        (("apiKeysRead", "candidatesWrite"), "tag", True),
    ],
)
def test_doctor_knows_what_the_key_may_write(
    served: Callable[..., Fake],
    connected: Callable[..., Ashby],
    denied: tuple[str, ...],
    capability: str,
    good: bool,
) -> None:
    """If the key may read about itself; else it shows once something is written."""
    line = connected(served(denied=frozenset(denied))).check_write(capability)
    assert line.good is good
    assert good or denied[0] in line.remedy
