"""Briefs on both databases: put together, agreed by both sides, unreadable, gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from atsbridge.intake import brief_files, brief_scope
from atsbridge.intake.brief_writer import BriefSources, BriefWriter
from atsbridge.model.change import Change, Origin
from atsbridge.model.organization import User
from atsbridge.model.query import All, Query
from atsbridge.model.record import Key
from atsbridge.sync.account_map import BriefLine

RAVI, INES = "ravi@acme.example", "ines@acme.example"
FILE = f"""\
requisition: REQ-1
sections: {{must_haves: [Go], team_culture: "  "}}
agreed: {{{RAVI}: 2026-03-05}}
"""
BOTH = FILE.replace("2026-03-05", f"2026-03-05, {INES}: 2026-03-06")
WANTED = ("requisition.brief", "requisition.brief.sections", "requisition.criteria_agreed_at")
LINES = (
    BriefLine("must_haves", "custom", "must_haves"),
    BriefLine("priorities", "custom", "priorities"),
    BriefLine("agreed.hiring_manager", "custom", "agreed_on"),
)


class Desk:
    """One account with two requisitions, a recruiter and a manager; briefs are put in its files."""

    def __init__(self, store: Any, feed: Any) -> None:
        self.store, self.feed = store, feed
        self.files: dict[str, str] = {}
        self.sources: dict[str, Any] = {}
        team = [
            {"id": f"t{n}{role[0]}", "requisition": f"r{n}", "user": user, "role": role}
            for n in (1, 2)
            for role, user in (("recruiter", "u1"), ("hiring_manager", "u2"))
        ]
        rows = [{"id": f"r{n}", "code": f"REQ-{n}", "status": "open", "custom": {}} for n in (1, 2)]
        feed.page("requisition", *rows)
        feed.page("team_member", *team)
        self.settle()

    def settle(self) -> None:
        """All that is derived and judged up to now."""
        self.store.subjects.derive("acme", self.feed.at)
        self.feed.settle()

    def take(self, ids: Any = None, **sources: Any) -> Any:
        """Read every file and write what differs; then derive."""
        people = {
            RAVI: User(account="acme", id="u1", email=RAVI),
            INES: User(account="acme", id="u2", email=INES),
        }
        read = [brief_files.parse_brief(name, text) for name, text in sorted(self.files.items())]
        called = brief_scope.resolve_briefs("acme", ["acme"], read, self.store.subjects, people, {})
        self.feed.at += timedelta(hours=1)
        composer = BriefWriter(
            "acme",
            self.store,
            BriefSources(scope=called, **{**self.sources, **sources}),
            self.feed.at,
        )
        counts = composer.write(ids)
        self.store.subjects.derive("acme", self.feed.at)
        return counts, [str(error) for error in called.errors]

    def told(self, requisition: str) -> Any:
        """The requisition's brief as a rule finds it."""
        query = Query("requisition", All(), WANTED)
        (found,) = self.store.subjects.select("acme", query, ids=[requisition])
        return found

    def changes(self) -> list[tuple[str, Origin]]:
        """What changed of the brief of r1, and how."""
        rows = self.store.history.read_changes(Key("acme", "brief", "r1"))
        return [(change.field, change.origin) for change in rows]


@pytest.fixture
def desk(store: Any, feed: Any) -> Desk:
    return Desk(store, feed)


def test_a_brief_is_stored_and_judged(desk: Desk) -> None:
    """A new file makes a record, marks what joins to it, and writes no Change."""
    desk.files["b/1.yaml"] = FILE
    counts, errors = desk.take()
    assert (counts.new, errors) == (1, [])
    found = desk.told("r1")
    assert found.facts["requisition.brief"] == "r1"
    assert found.facts["requisition.brief.sections"] == {"must_haves": ["Go"]}
    assert found.facts["requisition.criteria_agreed_at"] is None
    refs = ["brief.requisition", "requisition.brief"]
    assert desk.store.subjects.find_dirty("acme", "requisition", refs) == ["r1"]
    assert desk.changes() == []
    assert desk.told("r2").facts["requisition.brief"] is None


def test_what_did_not_change_is_not_written(desk: Desk) -> None:
    """A file that was only touched costs a comparison and marks nothing."""
    desk.files["b/1.yaml"] = FILE
    desk.take()
    desk.settle()
    counts, _ = desk.take()
    assert (counts.new, counts.changed, counts.deleted) == (0, 0, 0)
    assert desk.store.subjects.find_dirty("acme", "requisition", ["brief.requisition"]) == []


def test_an_edited_file_announces(desk: Desk) -> None:
    """Whoever edits the brief says so to all: its changes are announced ones."""
    desk.files["b/1.yaml"] = FILE
    desk.take()
    before = desk.store.history.read_record(Key("acme", "brief", "r1")).version
    desk.files["b/1.yaml"] = BOTH.replace("Go", "Rust")
    desk.take()
    assert set(desk.changes()) == {
        (name, Origin.ANNOUNCED) for name in ("version", "sections", "agreed")
    }
    assert desk.store.history.read_record(Key("acme", "brief", "r1")).version != before


def test_criteria_are_agreed_when_both_sides_have(desk: Desk) -> None:
    """The later of the two; a day counts from its beginning."""
    desk.files["b/1.yaml"] = BOTH
    desk.take()
    agreed = desk.told("r1").facts["requisition.criteria_agreed_at"]
    assert agreed.isoformat() == "2026-03-06T00:00:00+00:00"


def test_an_agreement_by_word_counts_beside_the_file(desk: Desk) -> None:
    """What a person announced stays, whatever becomes of the file; the first word counts."""
    desk.files["b/1.yaml"] = FILE
    desk.take()
    said = Change(
        Key("acme", "brief", "r1"), "agreed", {}, {"u2": "2026-03-07T09:00:00+00:00"},
        observed_at=desk.feed.at, origin=Origin.ANNOUNCED, actor="ines",
    )  # fmt: skip
    desk.store.announcements.announce(said)
    desk.take()
    agreed = desk.told("r1").facts["requisition.criteria_agreed_at"]
    assert agreed.isoformat() == "2026-03-07T09:00:00+00:00"


def test_an_unreadable_brief_is_unknown_and_loses_nothing(desk: Desk) -> None:
    """What is stored stays, is not believed, and is believed again once the file is mended."""
    desk.files |= {"b/1.yaml": BOTH, "b/2.yaml": FILE.replace("REQ-1", "REQ-2")}
    desk.take()
    desk.files["b/1.yaml"] = BOTH.replace("must_haves: [Go]", "must_haves: {Go: 1}")
    _, errors = desk.take()
    assert errors[0].startswith("b/1.yaml:2:24: must_haves needs text or a list of texts")
    found = desk.told("r1")
    assert found.facts["requisition.brief.sections"] == {"must_haves": ["Go"]}
    assert {"brief.sections", "requisition.criteria_agreed_at"} <= found.unread
    assert desk.told("r2").unread == frozenset()
    assert desk.changes() == []
    desk.files["b/1.yaml"] = BOTH
    assert desk.take()[1] == []
    assert desk.told("r1").unread == frozenset()


def test_a_brief_goes_with_its_file(desk: Desk) -> None:
    """The record is gone, the requisition has none; a file that returns brings it back."""
    desk.files["b/1.yaml"] = FILE
    desk.take()
    text = desk.files.pop("b/1.yaml")
    counts, _ = desk.take()
    assert counts.deleted == 1
    assert desk.told("r1").facts["requisition.brief"] is None
    desk.files["b/1.yaml"] = text
    desk.take()
    assert desk.told("r1").facts["requisition.brief"] == "r1"


def custom(desk: Desk, **more: Any) -> None:
    """Other fields of the customer's own on r1."""
    row = {"id": "r1", "code": "REQ-1", "status": "open", "custom": more}
    desk.feed.page("requisition", row, read=False)


def test_the_ats_may_keep_the_brief(desk: Desk) -> None:
    """Mapped sections and the day a side agreed; a section of the file comes first."""
    custom(desk, must_haves="SQL", priorities="speed", agreed_on="2026-03-02")
    desk.take(["r1"], lines=LINES)
    brief = desk.store.history.read_record(Key("acme", "brief", "r1"))
    assert brief.sections == {"must_haves": "SQL", "priorities": "speed"}
    assert (brief.source, brief.agreed) == ("the ATS", {"u2": "2026-03-02T00:00:00+00:00"})
    desk.files["b/1.yaml"] = FILE
    desk.take(lines=LINES)
    brief = desk.store.history.read_record(Key("acme", "brief", "r1"))
    assert brief.sections == {"must_haves": ["Go"], "priorities": "speed"}
    assert desk.told("r1").facts["requisition.criteria_agreed_at"] is not None


@pytest.mark.parametrize(("remapped", "origin"), [(False, Origin.POLL), (True, Origin.MAPPING)])
def test_a_mapped_brief_changes_by_the_ats_or_by_the_map(
    desk: Desk, remapped: bool, origin: Origin
) -> None:
    """What the manager edits in the ATS is news; what our map did is none."""
    custom(desk, must_haves="SQL")
    desk.take(None, lines=LINES)
    custom(desk, must_haves="Rust")
    desk.take(None, lines=LINES, remapped=remapped)
    assert ("sections", origin) in desk.changes()


def test_a_plugin_may_keep_the_brief(desk: Desk) -> None:
    """It is asked of open requisitions; its sections come before those of the ATS."""
    asked: list[str] = []

    def wiki(key: Key) -> Mapping[str, Any] | None:
        asked.append(key.id)
        return {"must_haves": "Go", "priorities": None} if key.id == "r2" else None

    custom(desk, must_haves="SQL")
    desk.take(None, plugin=wiki, lines=LINES)
    assert asked == ["r1", "r2"]
    assert desk.told("r1").facts["requisition.brief.sections"] == {"must_haves": "SQL"}
    assert desk.told("r2").facts["requisition.brief.sections"] == {"must_haves": "Go"}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("b/9.yaml", FILE.replace("REQ-1", "REQ-9"),
         "b/9.yaml:1:14: acme has no requisition REQ-9. Write its code or its id"),
        ("b/9.yaml", FILE, ("b/9.yaml:1:14: b/1.yaml is a brief of REQ-1 already. "
         "Keep one of the two files")),
        ("b/9.yaml", FILE.replace("REQ-1", "r2").replace(RAVI, "rave@acme.example"),
         ("b/9.yaml:3:10: nobody in acme has the address rave@acme.example. "
         'Did you mean "ravi@acme.example"? Write: ravi@acme.example: 2026-03-05')),
        ("b/9.yaml", FILE + "account: acne\n",
         'b/9.yaml:4:10: there is no account "acne". Did you mean "acme"? Write: account: acme'),
    ],
)  # fmt: skip
def test_what_a_brief_speaks_of_must_be_there(desk: Desk, name: str, text: str, told: str) -> None:
    """A requisition, its people and the account; the other briefs are taken in."""
    desk.files |= {"b/1.yaml": FILE, name: text}
    _, errors = desk.take()
    assert errors == [told]
    assert desk.told("r1").facts["requisition.brief"] == "r1"


def test_a_brief_names_its_account_once_there_are_two(store: Any) -> None:
    """Told once, by the first account; a file of the other account is none of ours."""
    bare, other = (
        brief_files.parse_brief("a.yaml", FILE),
        brief_files.parse_brief("b.yaml", FILE + "account: globex\n"),
    )
    accounts = ["acme", "globex"]
    first = brief_scope.resolve_briefs("acme", accounts, [bare, other], store, {}, {})
    second = brief_scope.resolve_briefs("globex", accounts, [bare], store, {}, {})
    assert [str(error) for error in first.errors] == [
        "a.yaml:1:1: account is needed: there are acme, globex. Write: account: acme"
    ]
    assert second.errors == []
