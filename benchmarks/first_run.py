"""A whole first run of a large account, against the requests it needs.

    python -m benchmarks.first_run [--records N] [--rounds N]

The run is a process of its own: imports, an empty store, every list, the stages of every
application as its children, derived fields, all rules, the past of promises, the agenda. Then the
same requests are sent once more, one after the other on one connection, and their answers thrown
away. Goal: the run takes at most twice as long. The server is a process beside it, on loopback.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.sync import served
from benchmarks.tick import CONFIG, spent

GOAL = 2.0


def asked(url: str) -> list[str]:
    """The targets of all requests since the last call."""
    import requests

    found: list[str] = requests.get(f"{url}/asked", timeout=60).json()
    return found


def replay(url: str, targets: list[str]) -> float:
    """Seconds that these requests take by themselves."""
    import requests

    session = requests.Session()
    began = time.perf_counter()
    for target in targets:
        session.get(f"{url}{target}", timeout=60).raise_for_status()
    return time.perf_counter() - began


def measure(url: str, folder: Path) -> tuple[float, float, int]:
    """(seconds of a first run, of its requests alone, how many there were)."""
    config = folder / "atsbridge.toml"
    config.write_text(CONFIG.format(url=url), "utf-8")
    asked(url)
    run = spent(sys.executable, "-m", "atsbridge", "--config", str(config), "run")
    targets = asked(url)
    alone = replay(url, targets)
    print(f"  run {run:.1f} s, {len(targets):,} requests alone {alone:.1f} s", flush=True)
    return run, alone, len(targets)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--records", type=int, default=200_000)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    rounds: list[tuple[float, float, int]] = []
    with served(chosen.records, 0.0) as url:
        for _ in range(chosen.rounds):
            with tempfile.TemporaryDirectory() as folder:
                rounds.append(measure(url, Path(folder)))
    ratio = statistics.median(run / alone for run, alone, _ in rounds)
    run = statistics.median(run for run, _, _ in rounds)
    requests = rounds[0][2]
    print(f"first run of {chosen.records:,} applications: {run:.1f} s, {requests:,} requests")
    verdict = "reached" if ratio <= GOAL else "missed"
    print(f"run / its requests alone: {ratio:.2f} (goal {GOAL:g}: {verdict})")


if __name__ == "__main__":
    main()
