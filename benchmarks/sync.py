"""How fast a sync is, against fetching and decoding alone; how much memory it takes.

Ratios within one run, median of paired rounds; every job is a process of its own. The goals
stand in GOALS. The connector is Greenhouse's, its rate limit taken off.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
GOALS = {
    "first sync / floor, records a second": (">=", 0.75),
    "re-list with 2% changed / floor, records a second": (">=", 1.2),
    "first sync / discard, time, +50 ms": ("<=", 1.15),
    "memory over imports, MB": ("<=", 100.0),
    "memory 200k - 50k, MB": ("<=", 5.0),
}


# --- jobs: each runs alone in a process --------------------------------------------------------


def _pages(url: str) -> Iterator[bytes]:
    import requests

    session = requests.Session()
    target: str | None = f"{url}/v3/applications?per_page=500"
    while target:
        answer = session.get(target, timeout=60)
        yield answer.content
        target = answer.links.get("next", {}).get("url")


def discard(url: str, store: str) -> None:
    """Fetch every page and throw it away."""
    del store
    for _ in _pages(url):
        pass


def floor(url: str, store: str) -> None:
    """Fetch every page, `json.loads` it, store nothing."""
    del store
    for body in _pages(url):
        json.loads(body)


def _sync(url: str, store: str, *, full: bool, whole: bool = False) -> None:

    from atsbridge.store.sql_store import open_store
    from atsbridge.sync.account_map import AccountMap
    from atsbridge.sync.engine import sync
    from atsbridge.sync.sync_context import SyncTarget
    from atsbridge.sync.sync_report import SyncOptions
    from atsbridge.timesource import SystemTime

    clock = SystemTime()
    database = open_store(f"sqlite:///{store}", clock)
    opened = _greenhouse(url, clock, whole=whole)
    with database.lock("acme"):
        report = sync(
            SyncTarget("acme", opened, database.records, AccountMap(), clock),
            SyncOptions(full=full),
        )
    opened.close()
    database.close()
    wrong = [f"{r.stream}: {r.error} {r.samples}" for r in report.streams if not r.good or r.bad]
    if wrong:
        raise SystemExit("\n".join(wrong))


def _greenhouse(url: str, clock: Any, *, whole: bool) -> Any:
    """The real connector, its applications alone: that is what the floor fetches.

    `whole`: with all its lists, as it needs them to confirm that records were deleted.
    """
    import dataclasses

    from atsbridge.ports.connector import Tools
    from atsbridge_greenhouse.spec import SPEC

    settings = SPEC.settings.model_validate(
        {
            "base_url": f"{url}/v3",
            "token_url": f"{url}/token",
            "client_id": "benchmark",
            "client_secret": "benchmark",
        }
    )
    opened: Any = SPEC.open(settings, Tools("acme", clock))
    if not whole:
        alone = (opened.spec.stream("applications"),)
        opened.spec = dataclasses.replace(opened.spec, streams=alone)
    opened.session._limiter = _unlimited()
    return opened


def _unlimited() -> Any:
    from atsbridge.net.rate_limits import Unlimited

    return Unlimited()


def first(url: str, store: str) -> None:
    """A first sync into an empty store."""
    _sync(url, store, full=False)


def relist(url: str, store: str) -> None:
    """Every page again over a full store."""
    _sync(url, store, full=True)


def whole(url: str, store: str) -> None:
    """Every page of every list; records that are missing are confirmed as deleted."""
    _sync(url, store, full=True, whole=True)


def _memory(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def run_job(name: str, url: str, store: str) -> None:
    """In the job's own process: print seconds and the MB over what the imports took.

    Imports are not timed, for no job: `tick` measures them.
    """
    jobs: dict[str, Callable[[], None]] = {
        "discard": lambda: discard(url, store),
        "floor": lambda: floor(url, store),
        "first": lambda: first(url, store),
        "relist": lambda: relist(url, store),
        "whole": lambda: whole(url, store),
    }
    import requests  # noqa: F401

    if name in ("first", "relist", "whole"):  # `atsbridge.store` alone loads nothing
        import atsbridge.store.sql_store
        import atsbridge.sync.engine  # noqa: F401
        import atsbridge_greenhouse.connector  # noqa: F401
    before, started = _memory("VmRSS"), time.perf_counter()
    jobs[name]()
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "memory": _memory("VmHWM") - before}))


# --- rounds ------------------------------------------------------------------------------------


@contextmanager
def served(records: int, delay: float) -> Iterator[str]:
    """The fake's address, while it runs in its own process."""
    command = [sys.executable, str(HERE / "server.py"), f"--records={records}", f"--delay={delay}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def job(name: str, url: str, store: Path) -> dict[str, float]:
    command = [sys.executable, __file__, f"--job={name}", f"--url={url}", f"--store={store}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stdout}{done.stderr}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def tell(url: str, what: str) -> None:
    import requests

    requests.get(f"{url}/{what}", timeout=300).raise_for_status()


def speed(records: int, rounds: int, found: dict[str, list[float]]) -> None:
    with served(records, 0.0) as url, tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            store = Path(folder) / f"{number}.db"
            base = job("floor", url, store)
            full = job("first", url, store)
            between = job("floor", url, store)
            tell(url, "changed")
            again = job("relist", url, store)
            after = job("floor", url, store)
            tell(url, "unchanged")
            names = list(GOALS)
            around = [j["seconds"] for j in (base, between, after)]
            found[names[0]].append(statistics.mean(around[:2]) / full["seconds"])
            found[names[1]].append(statistics.mean(around[1:]) / again["seconds"])
            found[names[3]].append(max(full["memory"], again["memory"]))
            rates = [records / j["seconds"] for j in (base, full, again)]
            print("  records/s: floor {:,.0f}, first {:,.0f}, re-list {:,.0f}".format(*rates))


def latency(records: int, rounds: int, found: dict[str, list[float]]) -> None:
    with served(records, 0.05) as url, tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            store = Path(folder) / f"{number}.db"
            base = job("discard", url, store)
            full = job("first", url, store)
            found[list(GOALS)[2]].append(full["seconds"] / base["seconds"])
            print(f"  +50 ms: discard {base['seconds']:.1f} s, first {full['seconds']:.1f} s")


def growth(records: int, found: dict[str, list[float]]) -> None:
    used = []
    for count in (records // 4, records):
        with served(count, 0.0) as url, tempfile.TemporaryDirectory() as folder:
            store = Path(folder) / "a.db"
            first_time = job("first", url, store)
            again = job("relist", url, store)
            used.append(max(first_time["memory"], again["memory"]))
    found[list(GOALS)[4]].append(used[1] - used[0])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--records", type=int, default=200_000)
    options.add_argument("--parts", default="speed,latency,growth")
    options.add_argument("--job", help=argparse.SUPPRESS)
    options.add_argument("--url", help=argparse.SUPPRESS)
    options.add_argument("--store", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.job:
        run_job(chosen.job, chosen.url, chosen.store)
        return
    found: dict[str, list[float]] = {name: [] for name in GOALS}
    parts = chosen.parts.split(",")
    if "speed" in parts:
        speed(chosen.records, chosen.rounds, found)
    if "latency" in parts:
        latency(chosen.records, chosen.rounds, found)
    if "growth" in parts:
        growth(chosen.records, found)
    for name, (sign, goal) in GOALS.items():
        if figures := found[name]:
            middle = statistics.median(figures)
            met = middle >= goal if sign == ">=" else middle <= goal
            print(f"{'ok  ' if met else 'MISS'} {name}: {middle:.2f} (goal {sign} {goal:g})")


if __name__ == "__main__":
    main()
