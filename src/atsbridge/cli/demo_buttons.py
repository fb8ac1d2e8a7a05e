"""Two people of the demo answer by button: one says "seen", the other asks why."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atsbridge.cli.demo_story import Story
    from atsbridge.model import Notice
    from atsbridge.sandbox import RunningSandbox

_PRESSED = ("Seen", "Why?")
_NEEDED = ("slack_sdk", "websocket")
_LEFT_OUT = 'Answers by button are left out: pip install "atsbridge[slack]" adds them.'


def have_buttons() -> bool:
    """Whether the packages that receive buttons are installed."""
    return all(find_spec(one) for one in _NEEDED)


def add_app_tokens(settings: str, world: RunningSandbox) -> str:
    """The settings with an app-level token in every Slack sink, which makes buttons."""
    if not have_buttons():
        return settings
    for sink, slack in world.slacks.items():
        head = f'[sinks.{sink}]\nkind = "slack"\n'
        settings = settings.replace(head, f'{head}app_token = "{slack.app_token}"\n', 1)
    return settings


@dataclass
class DemoButtons:
    """Once in the week, `atsbridge listen` runs for a moment, and two people press a button."""

    world: RunningSandbox
    config: Path
    story: Story
    waiting: dict[str, Notice] = field(default_factory=dict)  # the newest message of each person
    answered: list[Notice] = field(default_factory=list)
    done: bool = False

    def receive(self, notice: Notice) -> None:
        """Keep a reminder that its reader may answer."""
        from atsbridge.model import Purpose

        to = notice.destination
        if notice.purpose is Purpose.SEND and to.kind == "person" and to.sink in self.world.slacks:
            self.waiting[to.address] = notice

    def press(self, at: datetime) -> None:
        """Two people answer what they got last, once there are two of one workspace."""
        pair = self._find_pair()
        if self.done or len(pair) < len(_PRESSED):
            return
        self.done = True
        if not have_buttons():
            self.story.remark(_LEFT_OUT)
            return
        with self._listening(pair[0].destination.sink):
            for label, notice in zip(_PRESSED, pair, strict=True):
                self._press(at, label, notice)

    def show_confirmation(self, at: datetime) -> None:
        """Show what the next run answered to a button that it had to apply."""
        for notice in self.answered:
            if texts := self._thread(notice):
                self.story.exchange(
                    at, self._name(notice), "reads what the next run answers", texts[-1]
                )
        self.answered.clear()

    def _find_pair(self) -> list[Notice]:
        """Messages of two people in one workspace."""
        by_sink: dict[str, list[Notice]] = {}
        for notice in self.waiting.values():
            if have_buttons() and not self._has_buttons(notice):
                continue
            by_sink.setdefault(notice.destination.sink, []).append(notice)
        return max(by_sink.values(), key=len, default=[])[: len(_PRESSED)]

    @contextmanager
    def _listening(self, sink: str) -> Iterator[None]:
        """`atsbridge listen`, in a thread."""
        from atsbridge.app import open_services
        from atsbridge.replies import ListenSession

        with open_services(self.config) as services:
            session = ListenSession(services, lambda _line: None)
            session.open()
            thread = threading.Thread(target=session.run, daemon=True)
            thread.start()
            try:
                self.world.slacks[sink].socket_mode.wait_for(1)
                yield
            finally:
                session.end()
                thread.join()

    def _press(self, at: datetime, label: str, notice: Notice) -> None:
        slack = self.world.slacks[notice.destination.sink]
        channel, ts = str(notice.receipt["channel"]), str(notice.receipt["ts"])
        shown, before = len(slack.ephemerals), len(self._thread(notice))
        slack.press(channel, ts, label, notice.destination.address)
        slack.wait_until(
            lambda: len(slack.ephemerals) > shown or len(self._thread(notice)) > before
        )
        for _, text in slack.ephemerals[shown:]:
            self.answered.append(notice)
            self.story.exchange(at, self._name(notice), f"presses [{label}]", text)
        for text in self._thread(notice)[before:]:
            self.story.exchange(at, self._name(notice), f"presses [{label}]", text)

    def _has_buttons(self, notice: Notice) -> bool:
        """Whether the message still offers them: its case is open."""
        channel, ts = str(notice.receipt["channel"]), str(notice.receipt["ts"])
        slack = self.world.slacks[notice.destination.sink]
        return set(_PRESSED) <= set(slack.find_buttons(channel, ts))

    def _thread(self, notice: Notice) -> list[str]:
        """What atsbridge has written below the message."""
        found = self.world.slacks[notice.destination.sink].dms(notice.destination.address)
        ts = str(notice.receipt["ts"])
        return [one["text"] for one in found if one.get("thread_ts") == ts and one.get("bot_id")]

    def _name(self, notice: Notice) -> str:
        people = self.world.companies[notice.account].people
        email = notice.destination.address
        return next((one.name for one in people if one.email == email), email)
