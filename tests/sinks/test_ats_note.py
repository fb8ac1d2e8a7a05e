"""The ATS as a sink: where a note or mark goes, and that only what is allowed is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest

from atsbridge.errors import ConfigError, DeniedError
from atsbridge.model.notice import Destination, Message, Receipt
from atsbridge.model.record import Key
from atsbridge.model.write_actions import (
    APPLICATION_FIELD,
    APPLICATION_NOTE,
    CAPABILITIES,
    JOB_NOTE,
    TAG,
    Mark,
    address,
    note_targets,
    read,
    tag,
)
from atsbridge.ports.connector import Connector, Note, Tools
from atsbridge.sinks import ats_note
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
MESSAGE = Message(
    key="8f21c0",
    headline="Interview feedback is late",
    body="Feedback for B.K. (Data Engineer) was due Mon 9 Mar, 16:00.",
    facts=(("Waiting on", "Mara Lind since Friday"), ("Stage", "Onsite")),
    why="The candidate waits.",
    link="https://ats.example/1",
)
ONE = Key("acme", "application", "a/1")
PLACES = {
    APPLICATION_NOTE: address(ONE),
    JOB_NOTE: "acme/requisition/r1",
    TAG: address(ONE, tag("feedback late")),
    APPLICATION_FIELD: address(ONE, Mark("custom.sla", "late")),
}


class Ats:
    """One ATS that keeps what is written into it."""

    def __init__(self, *can: str) -> None:
        self.spec = SimpleNamespace(title="Acme ATS", writes=can or CAPABILITIES)
        self.notes: list[Note] = []
        self.marks: list[tuple[Key, Mark]] = []

    def write_note(self, note: Note) -> Receipt:
        self.notes.append(note)
        return Receipt({"note": "n1"}, NOW)

    def find_note(self, note: Note) -> Receipt | None:
        there = any((n.subject, n.key) == (note.subject, note.key) for n in self.notes)
        return Receipt({"note": "n1"}, NOW) if there else None

    def add_mark(self, record: Key, mark: Mark) -> Receipt:
        self.marks.append((record, mark))
        return Receipt({"on": f"candidate/{record.id}", "had": False})

    def remove_mark(self, record: Key, mark: Mark) -> Receipt:
        self.marks.remove((record, mark))
        return Receipt({})

    def find_mark(self, record: Key, mark: Mark) -> Receipt | None:
        return Receipt({}) if (record, mark) in self.marks else None


Open = Callable[..., ats_note.AtsNote]


@pytest.fixture
def opened() -> Open:
    """The sink over some ATSs, each account allowing what is named."""

    def go(allowed: tuple[str, ...] = CAPABILITIES, **accounts: Ats) -> ats_note.AtsNote:
        connectors = cast("dict[str, Connector]", accounts)
        tools = Tools("ats", ManualTime(NOW), connectors, lambda _: allowed)
        sink = ats_note.SPEC.open(ats_note.AtsNoteSettings(), tools)
        assert isinstance(sink, ats_note.AtsNote)
        return sink

    return go


def at(place: str) -> Destination:
    return Destination("ats", "ats", place)


def test_a_note_goes_to_the_account_of_its_address(opened: Open) -> None:
    """Through that account's connector, with the key it is found by; no link, it is there."""
    acme, globex = Ats(), Ats()
    sink = opened(acme=acme, globex=globex)
    to = at(address(ONE))
    assert sink.find(to, "8f21c0") is None
    assert sink.send(to, MESSAGE).ids == {"note": "n1"}
    assert sink.find(to, "8f21c0") is not None
    assert acme.notes == [
        Note(
            ONE,
            "Interview feedback is late\n"
            "Feedback for B.K. (Data Engineer) was due Mon 9 Mar, 16:00.\n"
            "Waiting on Mara Lind since Friday · Stage Onsite",
            "8f21c0",
        )
    ]
    assert globex.notes == []


def test_a_note_for_an_unknown_account_is_refused(opened: Open) -> None:
    """An address of another configuration reaches nobody."""
    with pytest.raises(ConfigError, match="initech"):
        opened(acme=Ats()).send(at("initech/application/1"), MESSAGE)


def test_a_mark_is_put_on_found_and_taken_off(opened: Open) -> None:
    """In place of a note; a note itself cannot be taken back."""
    acme = Ats()
    sink, to = opened(acme=acme), at(PLACES[TAG])
    sent = sink.send(to, MESSAGE)
    assert acme.marks == [(ONE, tag("feedback late"))]
    assert sink.find(to, "8f21c0") is not None
    sink.edit(to, sent, MESSAGE)
    assert (acme.marks, acme.notes) == ([], [])
    assert sink.edit(at(address(ONE)), sent, MESSAGE) is sent


@pytest.mark.parametrize("word", CAPABILITIES)
def test_only_what_the_account_allows_is_written(opened: Open, word: str) -> None:
    """Each by its own name: one that is allowed opens no door for another."""
    acme = Ats()
    others = tuple(one for one in CAPABILITIES if one != word)
    with pytest.raises(DeniedError, match=f"does not allow {word} to be written"):
        opened(others, acme=acme).send(at(PLACES[word]), MESSAGE)
    assert (acme.notes, acme.marks) == ([], [])
    opened((word,), acme=acme).send(at(PLACES[word]), MESSAGE)
    assert len(acme.notes) + len(acme.marks) == 1


def test_what_a_mark_needs_is_allowed_to_be_taken_off_too(opened: Open) -> None:
    """Permission that was withdrawn is withdrawn for taking off as well."""
    acme = Ats()
    sent = opened(acme=acme).send(at(PLACES[TAG]), MESSAGE)
    with pytest.raises(DeniedError, match="does not allow tag"):
        opened((APPLICATION_NOTE,), acme=acme).edit(at(PLACES[TAG]), sent, MESSAGE)
    assert len(acme.marks) == 1


def test_what_the_connector_cannot_is_not_tried(opened: Open) -> None:
    """Though the account allows it: a connector may have become older."""
    with pytest.raises(DeniedError, match="Acme ATS cannot write job_note") as caught:
        opened(acme=Ats(APPLICATION_NOTE)).send(at(PLACES[JOB_NOTE]), MESSAGE)
    assert caught.value.remedy == "It can: application_note"


@pytest.mark.parametrize(
    ("record", "mark"),
    [
        (ONE, None),
        (ONE, tag("late #2 = bad")),
        (Key("acme", "seat", "s1"), Mark("custom.sla", "a=b")),
    ],
)
def test_an_address_is_read_as_it_was_made(record: Key, mark: Mark | None) -> None:
    """Whatever stands in the mark."""
    assert read(address(record, mark)) == (record, mark)


def test_what_bears_a_note_is_the_nearest_record_that_can() -> None:
    """An application before its requisition; an approval has either."""
    found = {
        kind: note_targets(kind) for kind in ("application", "seat", "requisition", "approval")
    }
    assert found == {
        "application": ("application",),
        "seat": ("application",),
        "requisition": ("requisition",),
        "approval": ("application", "requisition"),
    }
    assert note_targets("user") == ()
