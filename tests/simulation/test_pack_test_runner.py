"""Tests of packs as their authors see them: what came true, what did not, and why."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent
from unittest import mock
from xml.etree import ElementTree

import pytest

from atsbridge.errors import ConfigError
from atsbridge.presentation.case_message import render
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.simulation.pack_test_report import differences, junit
from atsbridge.simulation.pack_test_runner import PackTestResult, play

HOURS = {"office": "mon-fri 09:00-18:00"}
PACK = """\
version: 1
defaults: {calendar: office, owner: recruiting_ops}
rules:
  - id: feedback-late
    kind: sla
    status: draft
    title: Interview feedback is late
    each: interview.seat
    where: {application.status: active}
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      cancel: [application.closed_at]
      owed_by: seat.user
    target: 1bd
    steps:
      - {at: due, to: seat.user}
      - {at: +1bd, to: requisition.recruiter, via: digest}
    message: "Feedback for {candidate.display_name} was due {clock.due}."
    tests:
      - name: the one
        given:
          application.status: active
          interview.ends_at: "START"
          seat.user: {timezone: Europe/Lisbon, country: PT}
GIVEN
        expect:
EXPECT
"""
FRIDAY, MONDAY = "2026-03-06T16:00[Europe/Lisbon]", "2026-03-09T16:00[Europe/Lisbon]"


def pack(expect: str, given: str = "", start: str = FRIDAY) -> str:
    """The pack with an interview that ends at `start`, these facts more, these lines expected."""
    expected = indent(dedent(expect), " " * 10)
    return (
        PACK.replace("START", start)
        .replace("GIVEN\n", indent(given, " " * 10))
        .replace("EXPECT\n", expected)
    )


@pytest.fixture
def played() -> Callable[..., PackTestResult]:
    """The only test of a pack, played."""

    def make(
        expect: str, given: str = "", hours: dict[str, str] = HOURS, start: str = FRIDAY
    ) -> PackTestResult:
        texts = [("mine.yaml", pack(expect, given, start))]
        rules = load(texts, {kind.name: kind for kind in BUILTIN_KINDS}).rules
        (outcome,) = play(rules.values(), hours, render)
        return outcome

    return make


def test_a_draft_is_played_as_if_it_were_live(played: Callable[..., PackTestResult]) -> None:
    """Tests come before going live: steps of a draft are sent in its tests."""
    outcome = played(f'- {{at: "{MONDAY}", clock: breached, sent: [{{to: seat.user}}]}}\n')
    assert differences(outcome) == ()


def test_a_failure_shows_both_sides_and_why(played: Callable[..., PackTestResult]) -> None:
    """Where it stands, what was expected, what came, and the clock behind it."""
    outcome = played(
        """\
        - at: "2026-03-07T12:00[Europe/Lisbon]"
          clock: breached
          due: "2026-03-07T16:00[Europe/Lisbon]"
          sent: [{to: seat.user}]
        """
    )
    (block,) = differences(outcome)
    assert block == (
        "mine.yaml:27:13: at Sat 2026-03-07T12:00[Europe/Lisbon]\n"
        "  - clock: breached\n"
        "  + clock: running\n"
        "  - due: Sat 2026-03-07T16:00[Europe/Lisbon]\n"
        "  + due: Mon 2026-03-09T16:00[Europe/Lisbon]\n"
        "  - sent: {to: seat.user, via: dm}\n"
        "    because: running\n"
        "    the clock began Fri 2026-03-06T16:00[Europe/Lisbon]\n"
        "    due Mon 2026-03-09T16:00[Europe/Lisbon]"
    )


def test_silence_that_is_broken_shows_the_words(played: Callable[..., PackTestResult]) -> None:
    """`sent: []` fails with the message that would have gone out."""
    (block,) = differences(played(f'- {{at: "{MONDAY}", sent: []}}\n'))
    assert "  + sent: {to: seat.user, via: dm}\n      | Interview feedback is late" in block


@pytest.mark.parametrize(
    ("text", "comes_true"),
    [("Feedback for B.K. was due Mon 9 Mar, 16:00.", True), ("Feedback for Bea", False)],
)
def test_words_are_those_of_the_message(
    text: str, comes_true: bool, played: Callable[..., PackTestResult]
) -> None:
    """`text` has to occur in the message, as its reader gets it in their own zone."""
    expect = f"""\
        - at: "{MONDAY}"
          sent: [{{to: seat.user, text: "{text}"}}]
        """
    outcome = played(expect, given="candidate.initials: B.K.\n")
    assert (differences(outcome) == ()) is comes_true


def test_a_step_is_sent_once(played: Callable[..., PackTestResult]) -> None:
    """The case stays open between two instants of a test, so the second tick adds nothing."""
    outcome = played(
        f"""\
        - {{at: "{MONDAY}", sent: [{{to: seat.user}}]}}
        - {{at: "2026-03-09T17:00[Europe/Lisbon]", clock: breached, sent: []}}
        """
    )
    assert differences(outcome) == ()


def test_what_happens_later_is_not_known_before(played: Callable[..., PackTestResult]) -> None:
    """A scorecard of Tuesday does not keep Monday's promise, and ends the case on Tuesday."""
    outcome = played(
        f"""\
        - {{at: "{MONDAY}", clock: breached, sent: [{{to: seat.user}}]}}
        - {{at: "2026-03-10T10:00[Europe/Lisbon]", end: resolved, sent: []}}
        """,
        given='seat.scorecard.submitted_at: "2026-03-10T09:00[Europe/Lisbon]"\n',
    )
    assert differences(outcome) == ()


def test_nobody_there_means_the_team_is_told(played: Callable[..., PackTestResult]) -> None:
    """A role without a person falls to the rule's owner, whom a test names by team."""
    outcome = played(
        """\
        - at: "2026-03-10T16:00[Europe/Lisbon]"
          sent: [{to: seat.user}, {to: recruiting_ops, via: digest}]
        """,
        given="requisition.recruiter: null\n",
    )
    assert differences(outcome) == ()


def test_holidays_are_those_of_the_person(played: Callable[..., PackTestResult]) -> None:
    """Good Friday counts nothing for somebody in Portugal."""
    due = '- {at: "2026-04-03T10:00Z", due: "2026-04-06T16:00[Europe/Lisbon]"}\n'
    assert differences(played(due, start="2026-04-02T16:00[Europe/Lisbon]")) == ()


def test_hours_are_those_of_the_configuration(played: Callable[..., PackTestResult]) -> None:
    """Where people work on Saturdays, Friday's promise is due on Saturday."""
    outcome = played(
        '- {at: "2026-03-07T16:00[Europe/Lisbon]", clock: breached}\n',
        hours={"office": "mon-sat 09:00-18:00"},
    )
    assert differences(outcome) == ()


def test_a_calendar_nobody_has_is_an_error(played: Callable[..., PackTestResult]) -> None:
    """With the place of the rule and the calendars there are."""
    with pytest.raises(ConfigError, match=r"mine.yaml:4:5.*no calendar 'office'.*one of: nights"):
        played(f'- {{at: "{MONDAY}", clock: breached}}\n', hours={"nights": "mon-fri 20:00-24:00"})


def test_junit_names_the_place_and_the_difference(played: Callable[..., PackTestResult]) -> None:
    """A suite for the file, a case for the test, the difference as its failure."""
    root = ElementTree.fromstring(junit([played(f'- {{at: "{MONDAY}", clock: running}}\n')]))
    (suite,) = root
    assert suite.attrib == {"name": "mine.yaml", "tests": "1", "failures": "1"}
    (case,) = suite
    assert (case.get("classname"), case.get("name")) == ("feedback-late", "the one")
    assert (case.get("file"), case.get("line")) == ("mine.yaml", "21")
    assert "  - clock: running\n  + clock: breached" in (case.findtext("failure") or "")


def call(*arguments: str) -> tuple[int, str]:
    """A command within this process: its exit code and what it printed."""
    from atsbridge.cli import main

    out, code = io.StringIO(), 0
    argv = mock.patch.object(sys, "argv", ["atsbridge", *arguments])
    with argv, contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
    return code, out.getvalue()


def test_the_command_fails_with_its_tests(tmp_path: Path) -> None:
    """Exit 1 and the difference; 0 where all came true; 2 for a rule there is not."""
    config = tmp_path / "atsbridge.toml"
    config.write_text('[rules]\npacks = ["mine.yaml"]\n', "utf-8")
    mine, report = tmp_path / "mine.yaml", tmp_path / "junit.xml"
    mine.write_text(pack(f'- {{at: "{MONDAY}", clock: running}}\n'), "utf-8")
    command = ("--config", str(config), "rules", "test")
    code, said = call(*command, "--junit", str(report))
    assert (code, said.splitlines()[0]) == (1, "failed: feedback-late: the one")
    assert said.endswith("1 test of 1 rule, 1 failed\n")
    assert report.read_text("utf-8").count("<failure") == 1
    mine.write_text(pack(f'- {{at: "{MONDAY}", clock: breached}}\n'), "utf-8")
    assert call(*command) == (0, "1 test of 1 rule, none failed\n")
    code, said = call(*command, "feedback-lat")
    assert (code, 'Did you mean "feedback-late"?' in said) == (2, True)
