"""Messages to the operators about a run: clocks, zones, doubted lists, packs."""

from __future__ import annotations

import pytest

from atsbridge.presentation import run_alerts as alerts

OFFERS = alerts.WaitingRules("offers", "offers is empty", "Run `atsbridge sync`", ["a", "b"])


@pytest.mark.parametrize(("seconds", "shown"), [(60, "1 minute"), (7_260, "121 minutes")])
def test_a_clock_that_is_behind(seconds: int, shown: str) -> None:
    """By how much, what that changes, and what to do."""
    text = alerts.describe_clock("acme", seconds)
    assert text.headline == f"acme: a clock is {shown} behind"
    assert "nothing ends, opens or repeats" in text.body
    assert "Set the clocks" in text.body


def test_people_without_a_zone_are_named_with_the_effect() -> None:
    """And where it can be said."""
    text = alerts.describe_unplaced("acme", 2, "Mara Lind and Ravi Sen", "UTC")
    assert text.headline == "acme: 2 people without a time zone"
    assert text.body.startswith("Nobody knows the time zone of Mara Lind and Ravi Sen.")
    assert "counted in UTC" in text.body
    assert "`atsbridge doctor`" in text.body


def test_each_doubted_list_says_why_who_waits_and_what_to_do() -> None:
    """A line for each, then what that means for all of them."""
    one = alerts.describe_doubt("acme", [OFFERS])
    assert one.headline == "acme: rules wait for the list offers"
    assert one.body.splitlines() == [
        "offers is empty. Rules that wait for it: a, b. Run `atsbridge sync`",
        "Until then these rules open and end no case, and send no message.",
    ]
    both = alerts.describe_doubt("acme", [OFFERS, alerts.WaitingRules("users", "x", "y", ["a"])])
    assert both.headline == "acme: rules wait for the lists offers, users"
    assert len(both.body.splitlines()) == 3


def test_a_term_that_nobody_knows_says_what_waits_and_what_to_do() -> None:
    """However long the vendor's text is."""
    text = alerts.describe_unknown_term("acme", "application.status", "p" * 99, ["a", "b"])
    assert len(text.headline) < 120
    assert text.headline.startswith('acme: nobody knows what "ppp')
    assert "these rules open and end no case of such records: a, b." in text.body
    assert "`atsbridge doctor`" in text.body


@pytest.mark.parametrize(
    ("number", "headline", "rest"),
    [(1, "1 mistake in the rules", ""), (7, "7 mistakes in the rules", "and 2 more")],
)
def test_errors_in_packs_are_quoted_and_counted(number: int, headline: str, rest: str) -> None:
    """Five at most; each is cut."""
    text = alerts.describe_pack_errors([f"p.yaml:{n}:1: {'x' * 999}" for n in range(number)])
    lines = text.body.splitlines()
    assert text.headline == headline
    assert sum(line.startswith("• p.yaml:") for line in lines) == min(number, 5)
    assert max(map(len, lines[:-1])) < 310
    assert (rest in lines) == bool(rest)
    assert "`atsbridge rules check`" in lines[-1]


def test_messages_that_wait_for_an_answer_say_so_once() -> None:
    """All causes in one sentence."""
    text = alerts.describe_unconfirmed("acme", "Greenhouse", ["timed out", "answers 503"])
    assert text.headline == "Messages of acme wait"
    assert "It cannot be asked now: timed out; answers 503." in text.body
    assert text.body.endswith("Nothing is lost.")
