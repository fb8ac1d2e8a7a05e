"""The intake of a role in the demo: questions, answers, agreement, a change, a calibration."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atsbridge.context import Services
    from atsbridge.model import Key, Notice, Requisition
    from atsbridge.sandbox import RunningSandbox

_ANSWERS = """\
responsibilities: owns the pipelines that finance reads every morning
team culture: quiet mornings, one office day, disagreement in writing
soft skills: asks before building; explains to accountants
personality fit: likes finishing more than starting
must haves: SQL; five years with data; tact
priorities: first the migration, then the reports
market expectations: ten weeks, and the range is tight"""
_CHANGED = ["five years with data", "tact"]
_RATINGS = ("1: 4 clear thinker\n2: 2 never finished anything\n3: 5", "1: 4\n2: 4 brave\n3: 4")
_PROFILES = 3


@dataclass
class DemoIntake:
    """What an operator begins, and what both sides reply before the next run."""

    world: RunningSandbox
    account: str
    waiting: list[Notice] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)
    role: Key | None = None

    def receive(self, notice: Notice) -> None:
        """Keep a message that its reader will answer."""
        from atsbridge.model import PAIR

        if notice.purpose in PAIR and notice.destination.kind == "person":
            self.waiting.append(notice)

    def act(self, app: Services) -> None:
        """Begin the next step once the one before is done."""
        from atsbridge.cli.brief_commands import send_questions
        from atsbridge.model import find_agreed
        from atsbridge.replies import Announcer, read_brief

        if self._starts("questions"):
            self.role = self._find_role(app)
            if self.role is not None:
                send_questions(app, self.role, read_brief(app, self.role).missing)
        if self.role is None:
            return
        briefs = app.store.briefs
        agreed = find_agreed(briefs.read_versions(self.role), briefs.read_agreements(self.role))
        if agreed is not None and self._starts("change"):
            Announcer(app, "the recruiting team").answer(self.role, {"must_haves": _CHANGED})
            self._calibrate(app, self.role)

    def reply(self) -> None:
        """Everybody answers in the thread, in Slack."""
        for number, notice in enumerate(self.waiting):
            if text := self._find_reply(notice, number):
                slack = self.world.slacks[notice.destination.sink]
                channel, ts = str(notice.receipt["channel"]), str(notice.receipt["ts"])
                slack.reply(channel, ts, text, notice.destination.address)
        self.waiting.clear()

    def _find_reply(self, notice: Notice, number: int) -> str:
        from atsbridge.model import Purpose

        if notice.purpose is Purpose.QUESTIONS:
            return _ANSWERS if self._starts("answers") else ""
        replies = {Purpose.AGREEMENT: "agree", Purpose.CALIBRATION: _RATINGS[number % 2]}
        return replies.get(notice.purpose, "")

    def _calibrate(self, app: Services, role: Key) -> None:
        """Both sides rate the first profiles of the role."""
        from atsbridge.replies import begin_round

        ids = self._applications(app, role)[:_PROFILES]
        if len(ids) > 1:
            begin_round(app, role, ids)

    def _find_role(self, app: Services) -> Key | None:
        """An open role without a brief, with two different people on both sides."""
        from atsbridge.model import Key, Requisition

        for found in app.store.history.read_records(self.account, "requisition"):
            if isinstance(found, Requisition) and _is_pair(found) and not found.brief:
                return Key(self.account, "requisition", found.id)
        return None

    def _applications(self, app: Services, role: Key) -> list[str]:
        """Ids of the role's applications."""
        found = app.store.history.read_records(self.account, "application")
        return [one.id for one in found if getattr(one, "requisition", None) == role.id]

    def _starts(self, step: str) -> bool:
        """Whether the step has not begun; it has from now on."""
        fresh = step not in self.begun
        self.begun.add(step)
        return fresh


def _is_pair(found: Requisition) -> bool:
    people = {found.recruiter, found.hiring_manager}
    return found.status == "open" and None not in people and len(people) > 1
