"""`atsbridge demo`: five simulated days of a fictional company, through the real connectors."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli.options import CONNECTORS

if TYPE_CHECKING:
    from atsbridge.cli.demo_buttons import DemoButtons
    from atsbridge.cli.demo_intake import DemoIntake
    from atsbridge.cli.demo_partnership import PairReplies
    from atsbridge.cli.demo_story import DemoMessage, Story
    from atsbridge.context import Services
    from atsbridge.model import Message, Notice
    from atsbridge.rules import Rule
    from atsbridge.sandbox import Company, Person, RunningSandbox

# UTC, soon after the digests of the offices' mornings; cron would run every ten minutes.
_TICKS = (time(4, 10), time(8, 40), time(9, 40), time(12, 20), time(15, 20), time(17, 20))
_DAYS = 5

_PACKS = {  # pack -> its name and purpose
    "responsiveness": "responsiveness (quick answers, both ways)",
    "intake": "intake (a complete, agreed brief)",
    "alignment": "alignment (criteria agreed before the interviews)",
    "market": "market (pay and time compared with the market)",
    "transparency": "transparency (no surprises)",
    "celebration": "celebration (thanks after a hire)",
}

# The demo adds a note in the candidate's file, which an account must allow, and makes rules live
# that need briefs and a market table.
_PACK = """\
version: 1
overrides:
  - id: feedback-late
    steps:
      - {at: "80%", to: seat.user, via: dm}
      - {at: due, to: seat.user, via: dm}
      - at: +2h
        to: ats
        message: &feedback >-
          {clock.owed_by} has not submitted feedback on {candidate.display_name}
          ({requisition.title}) yet. It was due {clock.due}.
      - {at: +1bd, to: requisition.recruiter, via: digest, message: *feedback}
      - {at: +2bd, to: requisition.hiring_manager, via: dm, max: 1, message: *feedback}
  - {id: brief-missing, status: live}
  - {id: brief-incomplete, status: live}
  - {id: pay-off-market, status: live}
  - {id: criteria-changed, status: live}
  - {id: criteria-unanswered, status: live}
"""


@click.command()
@click.option(
    "--as", "person", metavar="PERSON", default="", help="Show only the messages of this person."
)
@click.option("--store", metavar="URL", default="", help="Keep the store at this URL.")
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report of the week to this file. Default: a file in the temporary folder.",
)
@CONNECTORS
def demo(person: str, store: str, report: Path | None, connectors: tuple[str, ...]) -> None:
    """Play five simulated days of a fictional company. It sends nothing to anybody."""
    from atsbridge.cli.demo_story import Story
    from atsbridge.cli.output import console
    from atsbridge.plugins import discover
    from atsbridge.sandbox import SandboxOptions, build_sandbox

    specs = discover().connectors().values()
    options = SandboxOptions(connectors=connectors)
    with _folder() as folder, build_sandbox(folder, specs, options) as world:
        config = configured(world, folder, store or "sqlite:///atsbridge.db")
        target = report or Path(tempfile.gettempdir()) / "atsbridge-demo-report.html"
        Demo(world, config, Story(console(width=100), person), report=target.absolute()).play()


def configured(world: RunningSandbox, folder: Path, store: str) -> Path:
    """Write the settings, rules and files of both companies into the folder.

    Return the settings.
    """
    (folder / "demo-rules.yaml").write_text(_PACK, "utf-8")
    config = folder / "atsbridge.toml"
    from atsbridge.cli.demo_buttons import add_app_tokens
    from atsbridge.cli.demo_partnership import add_pulse

    settings = add_app_tokens(add_pulse(world.config(store)), world)
    config.write_text(settings + _rules(world, folder), "utf-8")
    return config


def _rules(world: RunningSandbox, folder: Path) -> str:
    """Write briefs and a market table, and return the sections [rules] and [report]."""
    from atsbridge.sandbox import brief_documents, scripted_events

    (folder / "briefs").mkdir()
    for account, company in world.companies.items():
        scripted_events.plan(company.world)
        shown = bool(world.fakes[account].settings.get("confidential", True))
        for name, text in brief_documents.briefs(company, account, confidential=shown).items():
            (folder / "briefs" / name).write_text(text, "utf-8")
    (folder / "market.csv").write_text(brief_documents.market(world.companies), "utf-8")
    packs = [*(f"builtin:{name}" for name in _PACKS), "demo-rules.yaml"]
    rules = f'\n[rules]\npacks = {packs}\nbriefs = "briefs/*.yaml"\nmarket = ["market.csv"]\n'
    first = next(iter(world.companies.values()))
    return f"{rules}\n[report]\npairs = {list(brief_documents.busiest_pair(first))}\n"


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="atsbridge-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Demo:
    """Plays the days.

    `ticks`: the times of each day's runs; `sent`: messages of the current run; `report`: where the
    report of the week is written.
    """

    world: RunningSandbox
    config: Path
    story: Story
    ticks: Sequence[time] = _TICKS
    report: Path | None = None
    sent: list[DemoMessage] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    readers: Counter[str] = field(default_factory=Counter)
    reached: dict[str, set[str]] = field(default_factory=dict)  # pack -> addresses

    @cached_property
    def pairs(self) -> PairReplies:
        """What pairs answer besides their cases."""
        from atsbridge.cli.demo_partnership import PairReplies

        return PairReplies(self.world)

    @cached_property
    def buttons(self) -> DemoButtons:
        """Answers by button."""
        from atsbridge.cli.demo_buttons import DemoButtons

        return DemoButtons(self.world, self.config, self.story)

    @cached_property
    def intake(self) -> DemoIntake:
        """The intake of a role."""
        from atsbridge.cli.demo_intake import DemoIntake

        return DemoIntake(self.world, [*self.world.companies][-1])

    def play(self) -> None:
        from atsbridge.app import open_services
        from atsbridge.cli.demo_partnership import WEEKLY_DAY, start_weekly

        self.story.opening(self._opening())
        start = self.world.clock.now()
        for day in range(_DAYS):
            for clock in self.ticks:
                at = datetime.combine(start.date() + timedelta(days=day), clock, start.tzinfo)
                if at < start:
                    continue
                self.world.advance(at)
                self.pairs.reply()
                self.intake.reply()
                if at.weekday() >= WEEKLY_DAY:
                    start_weekly(self.config)
                if not day and not self.counts:
                    self.story.day(at, "Items that were already overdue come in one summary.")
                elif clock == self.ticks[0]:
                    self.story.day(at, "")
                self.buttons.press(at)
                with open_services(self.config) as app:
                    self._tick(app)
                self.buttons.show_confirmation(at)
        if self.report is not None:
            self._write_report(self.report)
        self.story.ending(self._figures(), self._hints())

    def _write_report(self, target: Path) -> None:
        """Write the report that both sides of a search can read."""
        from atsbridge.app import open_services
        from atsbridge.outputfile import write_output
        from atsbridge.report import ReportOptions, collect_report, render_page

        with open_services(self.config) as app:
            write_output(target, render_page(collect_report(app, ReportOptions())), "the report")

    def _tick(self, app: Services) -> None:
        """Run each account, one after the other, so that messages keep their order."""
        from atsbridge.model import End
        from atsbridge.tick import RunObserver, RunOptions, tick

        self.rules = app.packs.rule_set.rules
        for account in app.settings.accounts:
            summary = tick(app, RunOptions(accounts=(account,)), RunObserver(watch=self._receive))
            self._add_packs(app, account)
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
        self.intake.act(app)
        self.story.tick(self.world.clock.now(), self.sent)
        self.sent.clear()

    def _receive(self, notice: Notice, message: Message) -> None:
        """Let the recipient of a message act on it, according to their habits."""
        from atsbridge.cli.demo_story import DemoMessage
        from atsbridge.model import ENDS, Purpose

        to = notice.destination
        self.counts[f"to {to.kind}" if notice.purpose not in ENDS else "settled"] += 1
        person = self._person(notice.account, to.address) if to.kind == "person" else None
        if person is not None:
            self.readers[person.name] += 1
        self.pairs.receive(notice)
        self.intake.receive(notice)
        self.buttons.receive(notice)
        self.sent.append(DemoMessage(notice, message, person))
        if person is not None and notice.purpose in (Purpose.SEND, Purpose.FOLLOW_UP):
            self.world.nudge(notice.account, to.address, notice.subject, self.world.clock.now())

    def _add_packs(self, app: Services, account: str) -> None:
        """Note the packs of the rules of what an account sent; of a digest, those of its lines."""
        from atsbridge.model import NoticeState

        listed: dict[str, set[str]] = {}
        for line in app.store.outbox.read_notices(account, states=(NoticeState.SENT,)):
            listed.setdefault(line.digest, set()).add(line.rule)
        for number, one in enumerate(self.sent):
            notice, to = one.notice, one.notice.destination
            if notice.account != account:
                continue
            speak = listed.get(notice.key, {notice.rule}) & self.rules.keys()
            of = {Path(self.rules[name].place.file).stem for name in speak}
            self.sent[number] = replace(one, packs=[pack for pack in _PACKS if pack in of])
            if one.person is not None:
                for pack in self.sent[number].packs:
                    self.reached.setdefault(pack, set()).add(to.address)

    def _person(self, account: str, email: str) -> Person | None:
        people = self.world.companies[account].people
        return next((person for person in people if person.email == email), None)

    def _opening(self) -> list[str]:
        lines = [
            "Everything is invented and runs on this machine. Nothing is sent anywhere.",
            "",
        ]
        for account, company in self.world.companies.items():
            spec = self.world.accounts[account].connector
            searches = _count(company, "requisition", "open")
            active = _count(company, "application", "active")
            offices = len({person.office for person in company.people})
            lines.append(
                f"{account}: {len(company.people)} people in {offices} countries,"
                f" {searches} open roles, {active} active candidates;"
                f" its ATS speaks {spec.capitalize()}"
            )
        lines += [
            "",
            f"atsbridge reads {self._systems}, the briefs and the market table, evaluates the",
            "rules of six packs, and reminds whoever has to act. The first message of each kind is",
            "shown in full, with its pack at the lower edge; the others in one line.",
        ]
        return lines

    def _figures(self) -> list[tuple[str, str]]:
        from atsbridge.cli.demo_figures import list_figures

        notes = sum(
            note.author == "" or "[atsbridge" in note.body
            for company in self.world.companies.values()
            for note in company.notes
        )
        readers = {what: len(self.reached.get(pack, ())) for pack, what in _PACKS.items()}
        return list_figures(self.counts, notes, readers, self._systems)

    @property
    def _systems(self) -> str:
        """What is read, as text."""
        number = len(self.world.companies)
        return {1: "the ATS", 2: "both ATSs"}.get(number, f"all {number} ATSs")

    def _hints(self) -> list[str]:
        ((someone, _),) = self.readers.most_common(1)
        report = [f"Both sides' report: {self.report}"] if self.report else []
        return [
            *report,
            f"One person's week: atsbridge demo --as {someone.split()[0]}",
            "Try it yourself:   atsbridge sandbox",
            "Your own ATS:      atsbridge init",
        ]


def _count(company: Company, kind: str, status: str) -> int:
    return sum(getattr(one, "status", "") == status for one in company.records(kind).values())
