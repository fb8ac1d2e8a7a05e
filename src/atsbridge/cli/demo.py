"""`atsbridge demo`: a few simulated days with a fictional company, through the real connectors.

How it is told is `story`'s; what stands behind it is `standing`'s.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from atsbridge.cli.demo_story import Story, Told
    from atsbridge.context import Services
    from atsbridge.model import Message, Notice
    from atsbridge.rules import Rule
    from atsbridge.sandbox import Company, Person, RunningSandbox

# UTC, soon after the digests of India, of Germany and of Portugal and England; cron would run every
# ten minutes, mostly in silence.
_TICKS = (time(4, 10), time(8, 40), time(9, 40), time(12, 20), time(15, 20), time(17, 20))
_DAYS = 5

_PACKS = {  # what each is for
    "responsiveness": "quick answers, both ways",
    "intake": "a brief that says whom we look for",
    "alignment": "criteria agreed, and kept to",
    "market": "pay and time as others pay and take",
    "transparency": "no surprises",
    "celebration": "wins are shared",
}

# What the demo adds to the built-in rules: a note in the candidate's file, which is off unless
# an account allows it; and what is live once a company keeps briefs and a market table.
_PACK = """\
version: 1
overrides:
  - id: feedback-late
    steps:
      - {at: "80%", to: seat.user, via: dm}
      - {at: due, to: seat.user, via: dm}
      - {at: +2h, to: ats}
      - {at: +1bd, to: requisition.recruiter, via: digest}
      - {at: +2bd, to: requisition.hiring_manager, via: dm, max: 1}
  - {id: brief-missing, status: live}
  - {id: brief-incomplete, status: live}
  - {id: pay-off-market, status: live}
  - {id: criteria-changed, status: live}
  - {id: criteria-unanswered, status: live}
"""


@click.command()
@click.option("--as", "person", metavar="PERSON", default="", help="Only what this person gets.")
@click.option("--store", metavar="URL", default="", help="Keep the store there afterwards.")
def demo(person: str, store: str) -> None:
    """A few simulated days: things stall, people are told, things get done. Sends nothing real."""
    from atsbridge.cli.demo_story import Story
    from atsbridge.cli.output import console
    from atsbridge.plugins import discover
    from atsbridge.sandbox import SandboxOptions, build_sandbox

    specs = discover().connectors().values()
    options = SandboxOptions(terminal=True)
    with _folder() as folder, build_sandbox(folder, specs, options) as world:
        config = configured(world, folder, store or "sqlite:///atsbridge.db")
        Demo(world, config, Story(console(), person)).play()


def configured(world: RunningSandbox, folder: Path, store: str) -> Path:
    """The configuration of both companies, written into the folder with what they keep there."""
    (folder / "demo-rules.yaml").write_text(_PACK, "utf-8")
    config = folder / "atsbridge.toml"
    config.write_text(world.config(store) + _rules(world, folder), "utf-8")
    return config


def _rules(world: RunningSandbox, folder: Path) -> str:
    """All packs, and what the companies keep beside their ATS, written there; their settings."""
    from atsbridge.sandbox import brief_documents, scripted_events

    (folder / "briefs").mkdir()
    for account, company in world.companies.items():
        scripted_events.plan(company.world)
        for name, text in brief_documents.briefs(company, account).items():
            (folder / "briefs" / name).write_text(text, "utf-8")
    (folder / "market.csv").write_text(brief_documents.market(world.companies), "utf-8")
    packs = [*(f"builtin:{name}" for name in _PACKS), "demo-rules.yaml"]
    return f'\n[rules]\npacks = {packs}\nbriefs = "briefs/*.yaml"\nmarket = ["market.csv"]\n'


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="atsbridge-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Demo:
    """The run of days. `ticks`: when each day; `heard`: what went out in the tick under way."""

    world: RunningSandbox
    config: Path
    story: Story
    ticks: Sequence[time] = _TICKS
    heard: list[Told] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    readers: Counter[str] = field(default_factory=Counter)
    told: dict[str, set[str]] = field(default_factory=dict)  # pack -> who heard of it

    def play(self) -> None:
        from atsbridge.app import open_services

        self.story.opening(self._opening())
        start = self.world.clock.now()
        for day in range(_DAYS):
            for clock in self.ticks:
                at = datetime.combine(start.date() + timedelta(days=day), clock, start.tzinfo)
                if at < start:
                    continue
                self.world.advance(at)
                if not day and not self.counts:
                    self.story.day(at, "What was late before anybody looked is told once.")
                elif clock == self.ticks[0]:
                    self.story.day(at, "")
                with open_services(self.config) as app:
                    self._tick(app)
        self.story.ending(self._figures(), self._hints())

    def _tick(self, app: Services) -> None:
        """One tick of each account, one after the other, so that the telling keeps its order."""
        from atsbridge.model import End
        from atsbridge.tick import RunObserver, RunOptions, tick

        self.rules = app.packs.rule_set.rules
        for account in app.settings.accounts:
            summary = tick(app, RunOptions(accounts=(account,)), RunObserver(watch=self._hear))
            done = summary.accounts[0]
            self.counts["requests"] += done.requests
            live = {rule.id for rule in app.packs.rule_set.rules.values() if rule.status == "live"}
            ends = [case.end for case in app.store.cases.read_cases(account) if case.rule in live]
            self.counts["opened " + account] = len(ends)
            self.counts["resolved " + account] = ends.count(End.RESOLVED)
            self.counts["moved on " + account] = ends.count(End.CANCELLED)
            self.counts["open " + account] = ends.count(None)
            for failure in summary.failures:
                self.story.trouble(str(failure))
        self.story.tick(self.world.clock.now(), self.heard)
        self.heard.clear()

    def _hear(self, notice: Notice, message: Message) -> None:
        """A message arrived. Its reader acts on it in their own time, by their character."""
        from atsbridge.cli.demo_story import Told
        from atsbridge.model import ENDS, Purpose

        to = notice.destination
        self.counts[f"to {to.kind}" if notice.purpose not in ENDS else "settled"] += 1
        person = self._person(notice.account, to.address) if to.kind == "person" else None
        packs = self._packs(notice, message)
        if person is not None:
            self.readers[person.name] += 1
            for pack in packs:
                self.told.setdefault(pack, set()).add(to.address)
        if to.sink != "console":  # the terminal has shown it already: it is a sink like the others
            self.heard.append(Told(notice, message, person, packs))
        if person is not None and notice.purpose in (Purpose.SEND, Purpose.FOLLOW_UP):
            self.world.nudge(notice.account, to.address, notice.subject, self.world.clock.now())

    def _packs(self, notice: Notice, message: Message) -> Sequence[str]:
        """The packs whose rules speak in a message: of a digest, those of its lines."""
        from atsbridge.model import Purpose
        from atsbridge.presentation import lower_first, without_late

        if notice.purpose is Purpose.DIGEST:
            lines = [line for line in message.body.splitlines() if line.startswith("•")]
            said = {
                name: lower_first(without_late(rule.title)) for name, rule in self.rules.items()
            }
            speak = {name for name, what in said.items() for line in lines if what in line}
        else:
            speak = {notice.rule} & self.rules.keys()
        of = {Path(self.rules[name].place.file).stem for name in speak}
        return [pack for pack in _PACKS if pack in of]

    def _person(self, account: str, email: str) -> Person | None:
        people = self.world.companies[account].people
        return next((person for person in people if person.email == email), None)

    def _opening(self) -> list[str]:
        lines = [
            "Everything here is invented and runs on this machine; nothing is sent anywhere.",
            "",
        ]
        for account, company in self.world.companies.items():
            spec = self.world.accounts[account].connector
            searches = _count(company, "requisition", "open")
            active = _count(company, "application", "active")
            offices = len({person.office for person in company.people})
            lines.append(
                f"{account}: {len(company.people)} people in {offices} countries,"
                f" {searches} open searches, {active} candidates in play;"
                f" its ATS speaks {spec.capitalize()}"
            )
        lines += [
            "",
            "atsbridge reads both ATSs, the briefs and the market table beside them, keeps the",
            "promises of six packs, and tells whoever has the ball. One message of a sort stands",
            "here in full, with its pack at the lower edge; the others in a line.",
        ]
        return lines

    def _figures(self) -> list[tuple[str, str]]:
        notes = sum(
            note.author == "" or "[atsbridge" in note.body
            for company in self.world.companies.values()
            for note in company.notes
        )
        count = self.counts
        opened, resolved, settled, still = (
            sum(value for key, value in count.items() if key.startswith(word))
            for word in ("opened ", "resolved ", "moved on ", "open ")
        )
        return [
            (str(opened), "promises came due or were about to"),
            (
                str(resolved),
                "of them were kept after the reminder; the message now says so",
            ),
            (
                str(settled),
                "were settled by events: the candidate moved on, or the search ended",
            ),
            (str(still), "are still open, and everybody knows who has the ball"),
            (str(count["to person"]), "messages to one person each, in Slack"),
            (str(count["to channel"]), "summaries to the teams that run the rules"),
            (
                str(notes),
                f"{'note' if notes == 1 else 'notes'} in candidates' files, each only once",
            ),
            (str(count["requests"]), "requests to the two ATSs, within their limits"),
            *(
                (str(len(self.told.get(pack, ()))), f"heard from {pack}: {what}")
                for pack, what in _PACKS.items()
            ),
        ]

    def _hints(self) -> list[str]:
        ((someone, _),) = self.readers.most_common(1)
        return [
            f"One person's week: atsbridge demo --as {someone.split()[0]}",
            "Try it yourself:   atsbridge sandbox",
            "Your own ATS:      README.md, Your own ATS",
        ]


def _count(company: Company, kind: str, status: str) -> int:
    return sum(getattr(one, "status", "") == status for one in company.records(kind).values())
