"""What the pairs of the demo do besides their cases: the weekly message, and answers to a pulse."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atsbridge.model import Notice
    from atsbridge.sandbox import RunningSandbox

WEEKLY_DAY = 3  # Thursday: by then there is something to tell
_PULSE = "[notify]\npulse = true\n"
_WEEKLY = '[notify]\nweekly = "thu 09:30"\n'
_ANSWERS = ("4 5", "5, 4")  # of recruiters and managers in turn


def add_pulse(settings: str) -> str:
    """The settings with the two questions after a search."""
    return settings.replace("[notify]\n", _PULSE, 1)


def start_weekly(config: Path) -> None:
    """Turn on the weekly message, as an operator would."""
    text = config.read_text("utf-8")
    if "weekly = " not in text:
        config.write_text(text.replace("[notify]\n", _WEEKLY, 1), "utf-8")


@dataclass
class PairReplies:
    """People answer the pulses they got, before the next run."""

    world: RunningSandbox
    waiting: list[Notice] = field(default_factory=list)
    answered: int = 0

    def receive(self, notice: Notice) -> None:
        """Keep a message that its reader will answer."""
        from atsbridge.model import Purpose

        if notice.purpose is Purpose.PULSE and notice.destination.sink in self.world.slacks:
            self.waiting.append(notice)

    def reply(self) -> None:
        """Everybody answers in the thread, in Slack."""
        for notice in self.waiting:
            slack = self.world.slacks[notice.destination.sink]
            channel, ts = str(notice.receipt["channel"]), str(notice.receipt["ts"])
            slack.reply(channel, ts, _ANSWERS[self.answered % 2], notice.destination.address)
            self.answered += 1
        self.waiting.clear()
