"""28 rules over a large store: atsbridge beside the same 28 questions written as SQL by hand.

SQL runs on SQLite, on PostgreSQL and on DuckDB, over the same records. All must find the same
subjects. The thresholds in working time stand in the SQL as numbers: working them out is not timed.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
from benchmarks import questions
from benchmarks.company import NOW, Size
from benchmarks.peers.costs import Cost, measure
from benchmarks.peers.environments import PeerSkipped, prepare
from benchmarks.peers.table import Row, ratio
from benchmarks.rules import Scene, agenda, engine

PROGRAM = Path(__file__).parent / "programs" / "duckdb_rules.py"
_JOB = "evaluate 28 rules"
_VERDICTS = "verdicts: due, who owes, why, next look"
_IDS = "ids of what is late"
_OURS = Row(_JOB, "atsbridge on SQLite", result=_VERDICTS)
_OURS_POSTGRES = Row(_JOB, "atsbridge on PostgreSQL", result=_VERDICTS)
_SQL = Row(_JOB, "SQL on SQLite", result=_IDS)
_SQL_POSTGRES = Row(_JOB, "SQL on PostgreSQL", result=_IDS)
_SQL_DUCKDB = Row(_JOB, "SQL on DuckDB", result=f"{_IDS}; load the data first")
Answers = list[set[str]]


def size_of(applications: int) -> Size:
    """A company of that many applications, in the proportions of the largest."""
    share = applications / 1_000_000
    return Size(
        applications=applications,
        active=int(120_000 * share),
        interviews=int(100_000 * share),
        requisitions=int(20_000 * share),
    )


@dataclass(slots=True)
class Contender:
    """Something that answers all the questions: one call is one round."""

    row: Row
    answer: Callable[[], tuple[Cost, Answers]]
    again: Callable[[], Cost] | None = None  # a round when nothing is newly due


def compare(applications: int, rounds: int, clock: str) -> tuple[list[Row], list[str]]:
    """The rows of this job, and a sentence for each tool that was skipped."""
    size, skipped = size_of(applications), list[str]()
    contenders: list[Contender] = []
    with ExitStack() as opened:
        scene = _scene("sqlite", size, opened)
        contenders += [_ours(_OURS, scene), _sql(_SQL, scene)]
        postgres = _scene("postgresql", size, opened)
        busy = _server_cpu(postgres)
        contenders += [_ours(_OURS_POSTGRES, postgres, busy), _sql(_SQL_POSTGRES, postgres, busy)]
        try:
            contenders.append(opened.enter_context(_duckdb(scene)))
        except PeerSkipped as why:
            skipped.append(str(why))
        times = _rounds(contenders, rounds, clock)
        again = _again(contenders, (scene, postgres), rounds, clock)
        whole = statistics.median(times[0])
        rows = [
            replace(
                one.row,
                job=f"{_JOB} ({applications:,} applications)",
                time=_time(mine, times[0]),
                again=ratio(statistics.median(after) / whole) if after else _time(mine, times[0]),
            )
            for one, mine, after in zip(contenders, times, again, strict=True)
        ]
    rows[0] = replace(rows[0], time=f"1 = {whole:.2f} s")
    return rows, skipped


def _time(mine: list[float], ours: list[float]) -> str:
    return ratio(statistics.median(m / o for m, o in zip(mine, ours, strict=True)))


def _rounds(contenders: list[Contender], rounds: int, clock: str) -> list[list[float]]:
    """Seconds of each round, by contender; all must give the same answers."""
    expected = contenders[1].answer()[1]
    found: list[list[float]] = [[] for _ in contenders]
    for contender in contenders:  # a round that only fills caches
        if contender.answer()[1] != expected:
            raise SystemExit(f"{contender.row.tool} disagrees with {contenders[1].row.tool}")
    for _ in range(rounds):
        for contender, mine in zip(contenders, found, strict=True):
            cost, _ = contender.answer()
            mine.append(cost.seconds(clock))
            print(f"  {contender.row.tool}: {cost.wall:.2f} s, {cost.cpu:.2f} s of CPU")
    return found


def _again(
    contenders: list[Contender], scenes: tuple[Scene, ...], rounds: int, clock: str
) -> list[list[float]]:
    """Seconds of atsbridge's next runs, in which nothing is newly due; none for a script."""
    for scene in scenes:
        agenda(scene)
        scene.tick()
    return [
        [one.again().seconds(clock) for _ in range(rounds)] if one.again else []
        for one in contenders
    ]


def _scene(name: str, size: Size, opened: ExitStack) -> Scene:
    scene = Scene(opened.enter_context(engine(name)), size)
    opened.callback(scene.store.close)
    return scene


def _nothing() -> float:
    return 0.0


def _ours(row: Row, scene: Scene, busy: Callable[[], float] = _nothing) -> Contender:
    def answer() -> tuple[Cost, Answers]:
        found: dict[str, set[str]] = {}
        cost = measure(lambda: found.update(_late(scene)), busy)
        return cost, [found.get(rule.id, set()) for rule in scene.rules]

    return Contender(row, answer, lambda: measure(lambda: scene.evaluate(everything=False), busy))


def _late(scene: Scene) -> dict[str, set[str]]:
    """The subjects of each rule that are late: the verdicts that have a step due."""
    found: dict[str, set[str]] = {}
    for verdict in scene.evaluate(everything=True).verdicts:
        if verdict.steps_due:
            found.setdefault(verdict.rule, set()).add(verdict.subject.id)
    return found


def _sql(row: Row, scene: Scene, busy: Callable[[], float] = _nothing) -> Contender:
    def answer() -> tuple[Cost, Answers]:
        found: Answers = []
        cost = measure(lambda: found.extend(scene.script()), busy)
        return cost, found

    return Contender(row, answer)


def _server_cpu(scene: Scene) -> Callable[[], float]:
    """CPU seconds so far of the PostgreSQL server behind a scene, all its processes."""
    place = urlsplit(scene.database.engine.url.render_as_string(hide_password=False))
    folder = parse_qs(place.query)["host"][0]
    lines = (Path(folder) / "postmaster.pid").read_text("utf-8").splitlines()
    server = psutil.Process(int(lines[0]))

    def spent() -> float:
        own = server.cpu_times()
        known = own.user + own.system + own.children_user + own.children_system
        for one in server.children():
            times = one.cpu_times()
            known += times.user + times.system
        return float(known)

    return spent


@contextmanager
def _duckdb(scene: Scene) -> Iterator[Contender]:
    python = prepare("duckdb")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.json"
        statements = [
            (_dialect(sql), which)
            for sql, which in questions.script(scene.calendars.every("office"), NOW)
        ]
        script.write_text(json.dumps(statements), "utf-8")
        store = str(scene.database.engine.url.database)
        command = [str(python), str(PROGRAM), store, str(script), folder]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as program:
            assert program.stdin
            assert program.stdout
            asked, answered = program.stdin, program.stdout
            if answered.readline().strip() != "ready":
                raise SystemExit("DuckDB could not copy the store")

            def answer() -> tuple[Cost, Answers]:
                asked.write("again\n")
                asked.flush()
                took, found = json.loads(answered.readline())
                return Cost(*took), [set(ids) for ids in found]

            yield Contender(_SQL_DUCKDB, answer)
            asked.close()


def _dialect(statement: str) -> str:
    """Parameters and the division of whole numbers as DuckDB writes them."""
    return statement.replace(" / ", " // ").replace(":", "$")
