"""Messages before they are sent: `rules preview`, `--text` and `notices show`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

DRAFT = """\
version: 1
rules:
  - id: no-target
    kind: complete
    status: draft
    title: A target date is missing
    each: requisition
    where: {requisition.status: open}
    needs: [requisition.target_on]
    steps:
      - {at: due, to: requisition.hiring_manager}
      - {at: due, to: "channel:#recruiting-ops"}
    message: "{requisition.title} has no {check.found}."
  - id: zebra
    kind: complete
    title: Zebras
    each: requisition
    where: {requisition.title: {contains: zebra}}
    needs: [requisition.target_on]
    steps: [{at: due, to: requisition.hiring_manager}]
    message: "{requisition.title} has no {check.found}."
  - id: listed-feedback
    kind: sla
    title: Listed feedback
    each: interview.seat
    where: {seat.feedback_owed: true}
    clock: {start: interview.ends_at, stop: seat.scorecard.submitted_at, owed_by: seat.user}
    target: 1h
    steps: [{at: due, to: seat.user, via: digest}]
    message: "Submit your feedback."
  - id: many-interviews
    kind: count
    status: shadow
    title: Interviews this week
    each: user
    of: seat
    among: {interview.starts_at: {within: 7d}}
    more_than: 0
    steps: [{at: due, to: user}]
    message: "You have {check.found} this week."
"""
TABLES = ("cases", "transitions", "notices", "agenda")


@pytest.fixture(scope="module")
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    """A company seen a day and a half ago, read anew since."""
    made = new_world(60, both=True)
    (made.folder / "draft.yaml").write_text(DRAFT, "utf-8")
    made.configure(lambda text: text.replace('"notes.yaml"', '"notes.yaml", "draft.yaml"'))
    assert made.tick().code == 0
    made.standing.advance(made.now + timedelta(hours=36))
    assert made.call("run", "--dry-run").code == 0
    yield made
    made.close()


def preview(world: Any, rule: str, *words: str) -> dict[str, Any]:
    outcome = world.call("rules", "preview", rule, "--account", "acme", "--json", *words)
    assert (outcome.code, outcome.err) == (0, "")
    (found,) = json.loads(outcome.out)["previews"]
    return dict(found)


def rows(world: Any) -> list[int]:
    with closing(sqlite3.connect(world.store)) as base:
        return [base.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in TABLES]


def test_a_draft_rule_is_shown_on_real_subjects(world: Any) -> None:
    """Each step and recipient has its text, in the form of Slack, mail and the terminal."""
    before = rows(world)
    found = preview(world, "no-target", "--limit", "2")
    assert found["status"] == "draft"
    assert 1 <= len(found["subjects"]) <= 2
    for subject in found["subjects"]:
        person, channel = subject["notices"]
        assert person["to"].endswith("@acme.example")
        assert [one["form"] for one in person["messages"]] == ["slack", "email", "console"]
        assert all("target" in one["body"] for one in person["messages"])
        assert person["messages"][1]["text"].startswith("Subject: ")
        assert channel["to"] == "#recruiting-ops" or channel["to"] == "recruiting-ops"
        assert not channel["messages"][0]["hint"]
    assert rows(world) == before


def test_only_a_form_that_takes_replies_says_how_to_answer(world: Any) -> None:
    """The same message in a mail has no such line: nobody reads answers there."""
    (subject,) = preview(world, "no-target", "--limit", "1")["subjects"]
    hints = {one["form"]: one["hint"] for one in subject["notices"][0]["messages"]}
    assert hints["slack"]
    assert not hints["email"]


def test_buttons_are_shown_where_the_sink_has_them(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an app-level token, which is not read; without one, and in a mail, there is none."""
    plain = preview(world, "no-target", "--limit", "1")["subjects"][0]["notices"][0]
    assert [one["buttons"] for one in plain["messages"]] == [[], [], []]
    assert "[Seen]" not in plain["messages"][0]["text"]
    (sink,) = {one["sink"] for one in (plain,)}
    monkeypatch.setenv(f"ATSBRIDGE_SINKS__{sink.upper()}__APP_TOKEN_FILE", "no-such-file")
    shown = preview(world, "no-target", "--limit", "1")["subjects"][0]["notices"]
    slack, mail, terminal = shown[0]["messages"]
    assert slack["buttons"] == ["Seen", "Snooze", "Not me", "Done", "Why?"]
    assert "[Seen]   [Snooze]   [Not me]   [Done]   [Why?]" in slack["text"]
    assert mail["buttons"] == terminal["buttons"] == []
    assert shown[1]["messages"][0]["buttons"] == slack["buttons"]
    lines = world.call("rules", "preview", "no-target", "--account", "acme", "--limit", "1").out
    assert "  | [Seen]   [Snooze]" in lines


def test_the_text_names_the_reader_and_the_time(world: Any) -> None:
    """People read a heading per message, and its lines below it."""
    outcome = world.call("rules", "preview", "no-target", "--account", "acme", "--limit", "1")
    assert outcome.code == 0
    assert "nobody gets these messages now" in outcome.out
    assert "direct message to " in outcome.out
    assert "\n  | " in outcome.out
    every = world.call("rules", "preview", "no-target", "--limit", "1", "--as", "all").out
    assert "  as mail\n" in every
    assert "  as terminal\n" in every


def test_a_subject_without_a_message_says_why(world: Any) -> None:
    """By its conditions, and by the number of subjects that were looked at."""
    with closing(sqlite3.connect(world.store)) as base:
        code, title = base.execute(
            "SELECT code, title FROM requisitions WHERE account = 'acme'"
        ).fetchone()
    outcome = world.call("rules", "preview", "zebra", "--subject", code, "--account", "acme")
    assert outcome.code == 0
    assert f"sent: requisition.title contains zebra, and here it is {title}." in outcome.out
    nobody = world.call("rules", "preview", "zebra", "--account", "acme").out
    assert "Nothing is sent: no requisition meets its conditions now." in nobody
    unknown = world.call("rules", "preview", "no-target", "--subject", "NO-1")
    assert unknown.code == 2
    assert "names no requisition" in unknown.err


def test_what_is_found_of_a_person_is_not_shown(world: Any) -> None:
    """Not in a preview, not in an explanation's texts."""
    outcome = world.call("rules", "preview", "many-interviews", "--account", "acme")
    assert outcome.code == 0
    assert "shown to nobody else" in outcome.out
    assert "You have" not in outcome.out
    assert preview(world, "many-interviews")["personal"] is True


def test_a_plan_shows_its_messages(world: Any) -> None:
    """Those that go now, those of shadow rules as samples, and a daily summary per reader."""
    text = world.call("plan", "--account", "acme", "--text").out
    assert "  | " in text
    (account,) = json.loads(world.call("plan", "--account", "acme", "--text", "--json").out)[
        "accounts"
    ]
    shown = account["planned_messages"]
    assert shown
    assert all(one["messages"] or one["reason"] for one in shown)
    readers = [one["to"] for one in shown if one["digest"]]
    assert len(readers) == len(set(readers))
    (plain,) = json.loads(world.call("plan", "--account", "acme", "--json").out)["accounts"]
    assert plain["planned_messages"] == []


def test_text_belongs_to_a_dry_run(world: Any) -> None:
    """A run sends; its messages are read where they arrive."""
    outcome = world.call("run", "--text")
    assert outcome.code == 2
    assert "Add --dry-run" in outcome.err
    assert world.call("plan", "--rules", str(world.folder / "draft.yaml"), "--text").code == 2


def test_an_explanation_shows_the_texts_of_its_steps(world: Any) -> None:
    """Below everything else, and in JSON."""
    (subject,) = preview(world, "no-target", "--limit", "1")["subjects"]
    words = ("explain", "no-target", subject["subject"])
    text = world.call(*words, "--text").out
    assert "\nmessages\n" in text
    assert "    | " in text
    (one,) = json.loads(world.call(*words, "--text", "--json").out)["explanations"]
    assert one["messages"][0]["messages"][0]["headline"]
    (plain,) = json.loads(world.call(*words, "--json").out)["explanations"]
    assert plain["messages"] == []


def test_a_shadow_notice_can_be_read(world: Any) -> None:
    """Its text is made from the facts of now."""
    assert world.tick().code == 0
    notices = json.loads(world.call("notices", "list", "--all", "--json").out)["notices"]
    held = next(one["key"] for one in notices if one["hold"] == "shadow")
    shown = world.call("notices", "show", held)
    assert (shown.code, shown.err) == (0, "")
    assert "held: the rule is shadow" in shown.out
    assert "\n  | " in shown.out
    document = json.loads(world.call("notices", "show", held, "--json").out)
    assert document["rehearsal"]["messages"]


def test_a_backtest_shows_some_of_its_messages(world: Any) -> None:
    """Spread over the window, each with reader, time and text; without --samples there are none."""
    words = ("rules", "backtest", "feedback-late", "--account", "acme", "--since", "60d")
    (one,) = json.loads(world.call(*words, "--samples", "3", "--json").out)["backtests"]
    assert 1 <= len(one["samples"]) <= 3
    times = [sample["at"] for sample in one["samples"]]
    assert times == sorted(times)
    assert all(sample["messages"][0]["headline"] for sample in one["samples"])
    text = world.call(*words, "--samples", "1").out
    assert "1 sample, from facts of now\n" in text
    assert "    | " in text
    listed = world.call("rules", "backtest", "listed-feedback", "--samples", "1").out
    assert ": daily summary to " in listed
    assert "• Listed feedback" in listed
    (plain,) = json.loads(world.call(*words, "--json").out)["backtests"]
    assert plain["samples"] == []
