"""The demo's week as those who live in it get it: few interruptions, none at night, every pack."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from atsbridge.cli.demo import Demo, configured
from atsbridge.cli.demo_buttons import DemoButtons
from atsbridge.cli.demo_story import DemoMessage, Story
from atsbridge.model.notice import APART, PAIR, Purpose
from atsbridge.plugins import discover
from atsbridge.sandbox.sandbox_builder import SandboxOptions, build_sandbox

_OFFICE = (time(9), time(18))
# On Slack; all else edits.
_PINGS = (Purpose.SEND, Purpose.FOLLOW_UP, Purpose.DIGEST, *APART, *PAIR)


@dataclass
class RecordedStory(Story):
    """Keeps what reached whom and when, in place of printing it."""

    reached: list[tuple[datetime, DemoMessage]] = field(default_factory=list)

    exchanges: list[tuple[str, str]] = field(default_factory=list)  # what was done, the answer

    def __post_init__(self) -> None:
        super().__init__(Console(file=io.StringIO()))

    def tick(self, at: datetime, messages: Sequence[DemoMessage]) -> None:
        self.reached += [(at, one) for one in messages]

    def exchange(self, at: datetime, who: str, act: str, answer: str) -> None:
        self.exchanges.append((act, answer))

    @property
    def pings(self) -> Iterator[tuple[str, datetime]]:
        """Whose telephone rang, and when, in their own zone."""
        for at, one in self.reached:
            if one.person is not None and one.notice.purpose in _PINGS:
                yield one.person.email, at.astimezone(ZoneInfo(one.person.place.zone))


@pytest.fixture(scope="module")
def week(tmp_path_factory) -> Demo:
    """The whole week, with a tick in Europe's night and one while all offices but one are open."""
    folder = tmp_path_factory.mktemp("demo")
    specs = discover().connectors().values()
    with build_sandbox(folder, specs, SandboxOptions(terminal=True)) as world:
        config = configured(world, folder, "sqlite:///atsbridge.db")
        demo = Demo(world, config, RecordedStory(), ticks=(time(4, 10), time(12, 20)))
        demo.play()
    return demo


def test_nobody_is_interrupted_more_than_three_times_a_day(week):
    """On any local day, digests counted; without the cap somebody would be."""
    days: Counter[tuple[str, date]] = Counter((who, at.date()) for who, at in week.story.pings)
    assert max(days.values()) == 3, days.most_common(3)


def test_nobody_is_interrupted_outside_their_hours(week):
    """Whoever's night it is hears at their own morning; Saturday and Sunday nobody hears."""
    at_odds = [
        (who, f"{at:%a %H:%M}")
        for who, at in week.story.pings
        if not _OFFICE[0] <= at.time() <= _OFFICE[1] or at.weekday() > 4
    ]
    assert at_odds == []


def test_every_pack_tells_somebody_something(week):
    """Each of the six practices shows in the week."""
    packs = {"responsiveness", "intake", "alignment", "market", "transparency", "celebration"}
    assert set(week.reached) == packs


def test_two_people_answer_by_button(week):
    """One is noted at once and confirmed by the next run; "why" is explained at once."""
    seen, why, confirmed = week.story.exchanges
    assert [act for act, _ in (seen, why)] == ["presses [Seen]", "presses [Why?]"]
    assert "I noted “Seen”" in seen[1]
    assert "You get this as" in why[1]
    assert confirmed[0] == "reads what the next run answers"
    assert "Sorry" not in confirmed[1]


def test_without_its_packages_the_demo_leaves_buttons_out(monkeypatch):
    """And says what to install."""
    out = io.StringIO()
    monkeypatch.setattr("atsbridge.cli.demo_buttons._NEEDED", ("no_such_package",))
    story = Story(Console(file=out, width=100))
    buttons = DemoButtons(SimpleNamespace(slacks={}), Path("unused"), story)
    notices = [SimpleNamespace(destination=SimpleNamespace(sink="slack"))] * 2
    buttons.waiting = dict(zip("ab", notices, strict=True))
    for _ in range(2):
        buttons.press(datetime(2026, 3, 9, tzinfo=UTC))
    assert out.getvalue().count('pip install "atsbridge[slack]"') == 1


def test_the_week_has_a_weekly_message_a_pulse_and_its_answers(week):
    """The pair that agreed reads the same text; both of a pulse read the same answers."""
    texts = {}
    for _, one in week.story.reached:
        texts.setdefault(one.notice.purpose, []).append(one)
    weekly = texts[Purpose.WEEKLY]
    assert len({one.message.body for one in weekly}) == 1
    assert len({one.notice.destination.address for one in weekly}) == 2
    assert texts[Purpose.OFFER]
    results = texts[Purpose.PULSE_RESULT]
    assert len({one.notice.destination.address for one in results}) >= 2
    assert "Were answers quick?" in results[0].message.body


def test_the_week_has_an_intake_a_change_and_a_calibration(week):
    """From questions to an agreed brief; the change is asked about; both get the comparison."""
    readers: dict[tuple[Purpose, int], set[str]] = {}
    for _, one in week.story.reached:
        if one.notice.purpose in PAIR and one.notice.subject == week.intake.role:
            where = (one.notice.purpose, one.notice.edition)
            readers.setdefault(where, set()).add(one.notice.destination.address)
    wanted = {
        *((Purpose.QUESTIONS, 0), (Purpose.AGREEMENT, 1), (Purpose.AGREEMENT, 2)),
        *((Purpose.CALIBRATION, 1), (Purpose.COMPARISON, 1)),
    }
    assert readers.keys() >= wanted
    assert {len(readers[one]) for one in wanted} == {2}
