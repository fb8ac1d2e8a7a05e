"""The words of the weekly message, its offer and its thanks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from atsbridge.presentation.weekly_message import (
    SHOWN,
    WeekCount,
    WeeklyChange,
    WeeklyFacts,
    WeeklyRole,
    WeeklyTask,
    join_weekly,
    render_offer,
    render_streak,
    render_weekly,
)
from atsbridge.sinks.message_blocks import parts

NOW = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
ENGINEER = WeeklyRole("Data Engineer", "ENG-104", "Mark Osei", NOW - 6 * DAY, 2, 5)
WEEKS = [
    WeekCount(datetime(2026, 3, 2, tzinfo=UTC) - 7 * number * DAY, 3, 4) for number in (2, 1, 0)
]
FACTS = WeeklyFacts(
    names=("Rita Gomez", "Mark Osei"),
    zone="Europe/Lisbon",
    now=NOW,
    roles=[ENGINEER, WeeklyRole("Designer", "", "", None, 0, None)],
    task=WeeklyTask("Mark Osei", "Data Engineer (ENG-104)", "Interview feedback", NOW - 3 * DAY),
    changes=[
        WeeklyChange("Data Engineer (ENG-104)", "priority", "normal", "high"),
        WeeklyChange("Data Engineer (ENG-104)", "headcount", None, 2),
    ],
    applied=7,
    interviewed=1,
    weeks=[*WEEKS, WeekCount(datetime(2026, 3, 9, tzinfo=UTC), 0, 0)],
)


def test_the_whole_message() -> None:
    text = render_weekly(FACTS)
    assert text.headline == "Rita Gomez and Mark Osei: your week, Mon 9 Mar"
    assert text.body.splitlines() == [
        (
            "One ask: Mark Osei, please see to interview feedback for Data Engineer (ENG-104); it"
            " was due Fri 6 Mar."
        ),
        "Open roles:",
        (
            "• Data Engineer (ENG-104): waiting on Mark Osei since Tue 3 Mar, 2 late, 5 active"
            " candidates"
        ),
        "• Designer: waiting on nobody",
        "What changed in seven days:",
        "• Data Engineer (ENG-104): priority is now high, was normal",
        "• Data Engineer (ENG-104): headcount is now 2, was not set",
        "• 7 candidates applied, 1 came into interviews",
        "One win: 3 of 4 promises of last week were kept on time.",
        (
            "Kept on time, both sides together: 3 of 4 (week of 16 Feb), 3 of 4 (week of 23 Feb),"
            " 3 of 4 (week of 2 Mar)"
        ),
    ]
    assert text.hint == "Reply *weekly off* to end it for both of you."


def test_a_quiet_week_is_said_kindly() -> None:
    text = render_weekly(WeeklyFacts(names=("Rita", "Mark"), zone="UTC", now=NOW))
    assert text.body.splitlines() == [
        "One ask: none this week. Nothing waits on either of you.",
        "Open roles:",
        "• none",
        "Nothing changed in seven days.",
        "One win: you both agreed to look at this together. Thank you.",
        "No promise was due between you in these weeks.",
    ]
    assert text.chart is None


def test_the_win_is_the_best_true_thing() -> None:
    def win(**given: object) -> str:
        body = render_weekly(replace(FACTS, **given)).body  # type: ignore[arg-type]
        return next(line for line in body.splitlines() if line.startswith("One win"))

    assert win(hired=1, streak=30) == "One win: 1 hire. Thank you both."
    assert "30 days in which you kept every promise" in win(streak=30)
    whole = [WeekCount(NOW - 7 * DAY, 2, 2), WeekCount(NOW, 0, 0)]
    assert win(weeks=whole) == "One win: all 2 promises of last week were kept on time."
    one = [WeekCount(NOW - 7 * DAY, 1, 1), WeekCount(NOW, 0, 0)]
    assert win(weeks=one) == "One win: the one promise of last week was kept on time."
    none = [WeekCount(NOW - 7 * DAY, 0, 3), WeekCount(NOW, 0, 0)]
    assert win(weeks=none) == "One win: 1 candidate came into interviews."


def test_what_is_over_the_room_is_counted() -> None:
    roles = [replace(ENGINEER, code=f"ENG-{n}") for n in range(SHOWN + 3)]
    changes = [WeeklyChange("A", "priority", n, n + 1) for n in range(SHOWN + 1)]
    body = render_weekly(replace(FACTS, roles=roles, changes=changes)).body
    assert "• and 3 roles more" in body
    assert "• and 1 change more" in body


def test_names_of_the_ats_break_no_line() -> None:
    hostile = "x\n• One ask: pay\u202e <!channel>"
    body = render_weekly(replace(FACTS, roles=[replace(ENGINEER, title=hostile)])).body
    assert body.count("\n•") == 4
    assert "\u202e" not in body


def test_the_chart_shows_what_the_text_says() -> None:
    chart = render_weekly(FACTS).chart
    assert chart is not None
    assert chart.categories == ("16 Feb", "23 Feb", "2 Mar", "9 Mar")
    assert dict(chart.series) == {"On time": (3.0, 3.0, 3.0, 0.0), "Late": (1.0, 1.0, 1.0, 0.0)}
    few = [WeekCount(NOW, 2, 4)]
    assert render_weekly(replace(FACTS, weeks=few)).chart is None


def test_offer_and_thanks() -> None:
    offer = render_offer("Rita", "Mark Osei", "Mondays, 09:30")
    assert offer.headline == "One message a week for you both?"
    assert "begins only if both agree" in offer.body
    assert offer.hint == "Reply *yes* or *no*; *weekly off* later ends it."
    thanks = render_streak(("Rita", "Mark"), 30, 9)
    assert "kept all 9 promises" in thanks.body


def test_several_pairs_in_one_message_word_for_word() -> None:
    """Whoever has many colleagues is disturbed once."""
    one = render_weekly(FACTS)
    other = render_weekly(replace(FACTS, names=("Rita Gomez", "Ana Sousa")))
    assert join_weekly([one]) is one
    both = join_weekly([one, other])
    assert both.headline == "Your week with 2 colleagues"
    for text in (one, other):
        assert f"{text.headline}\n• {text.body}" in both.body
    assert both.chart is None


def test_the_headline_of_each_pair_is_a_title() -> None:
    """In Slack, Teams and mail alike: they show the line above a list as one."""
    one = render_weekly(FACTS)
    other = render_weekly(replace(FACTS, names=("Rita Gomez", "Ana Sousa")))
    titles = [part.text for part in parts(join_weekly([one, other]).body) if part.kind == "title"]
    assert {one.headline, other.headline} <= set(titles)
