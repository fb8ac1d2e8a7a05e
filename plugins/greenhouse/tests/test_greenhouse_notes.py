"""Notes written back: where, how, once, and never into the void."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from atsbridge.errors import AmbiguousError, DeniedError, FatalError
from atsbridge.model.record import Key
from atsbridge.ports.connector import Note
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge_greenhouse.connector import Greenhouse
from atsbridge_greenhouse.fake.api import all_scopes


def note_on(application: str, key: str = "8f21c0") -> Note:
    return Note(Key("acme", "application", application), "Feedback is late.", key)


@pytest.fixture
def application(company: Company) -> str:
    return next(iter(company.records("application")))


def test_a_note_hangs_on_the_candidate_and_names_the_application(
    greenhouse: Greenhouse, company: Company, application: str
) -> None:
    """Private, ending with its marker; the receipt has the ids by which it is known as ours."""
    receipt = greenhouse.write_note(note_on(application))
    (written,) = company.notes
    assert written.body == "Feedback is late.\n[atsbridge 8f21c0]"
    assert written.visibility == "private"
    assert written.application == application
    assert written.candidate == company.records("application")[application].candidate
    assert receipt.ids["note"] == written.id
    assert receipt.at == written.created_at
    assert receipt.ids["user"] == written.author


def test_a_marker_that_is_there_is_not_added_twice(
    greenhouse: Greenhouse, company: Company, application: str
) -> None:
    """Who renders the text may have put it in."""
    text = "Feedback is late. [atsbridge 8f21c0]"
    greenhouse.write_note(Note(Key("acme", "application", application), text, "8f21c0"))
    assert company.notes[0].body == text


def test_a_note_is_found_by_its_key(
    greenhouse: Greenhouse, company: Company, application: str
) -> None:
    """And by no other, on no other candidate."""
    receipt = greenhouse.write_note(note_on(application))
    other = list(company.records("application"))[5]
    assert greenhouse.find_note(note_on(application)) == receipt
    assert greenhouse.find_note(note_on(application, "000000")) is None
    assert greenhouse.find_note(note_on(other)) is None


def test_nothing_is_written_on_an_application_nobody_sees(
    greenhouse: Greenhouse, company: Company
) -> None:
    """A wrong id would make an orphan that cannot be removed."""
    with pytest.raises(FatalError, match="application of the note cannot be seen"):
        greenhouse.write_note(note_on("12"))
    stray = Note(Key("acme", "candidate", "12"), "Hello", "8f21c0", candidate="12")
    with pytest.raises(FatalError, match="candidate of the note cannot be seen"):
        greenhouse.write_note(stray)
    assert company.notes == []


def test_a_write_that_may_have_happened_is_looked_up(
    served: Callable[..., Fake],
    connected: Callable[..., Greenhouse],
    company: Company,
    application: str,
) -> None:
    """The answer is lost on the way: never repeated by itself, and found by its key."""
    fake = served()
    connector = connected(fake)
    fake.server.faults.add(r"/v3/notes$", drop=True, handled=True, method="POST")
    with pytest.raises(AmbiguousError):
        connector.write_note(note_on(application))
    assert len(company.notes) == 1
    assert connector.find_note(note_on(application)) is not None


def test_without_the_scope_nothing_is_written(
    served: Callable[..., Fake],
    connected: Callable[..., Greenhouse],
    company: Company,
    application: str,
) -> None:
    """Writing needs a permission of its own."""
    connector = connected(served(scopes=all_scopes() - {"harvest:notes:create"}))
    with pytest.raises(DeniedError):
        connector.write_note(note_on(application))
    assert company.notes == []
