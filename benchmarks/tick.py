"""A no-op tick on a large synced store, against importing three libraries.

Goal: at most 1.2 times `python -c "import requests, sqlalchemy, pydantic"`. Both are whole
processes, run in turn; the store holds 200,000 applications, every stream is asked and nothing has
changed.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.sync import served

IMPORTS = "import requests, sqlalchemy, pydantic"
GOAL = 1.2
CONFIG = """\
[accounts.acme]
connector = "greenhouse"
base_url = "{url}/v3"
token_url = "{url}/token"
client_id = "benchmark"
client_secret = "benchmark"
[sinks.console]
kind = "console"
[teams.ops]
sink = "console"
to = "ops"
[notify]
dm = ["console"]
"""


def spent(*command: str) -> float:
    """Seconds of wall clock that a process took."""
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.decode()}{done.stdout.decode()}")
    return time.perf_counter() - began


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--records", type=int, default=200_000)
    options.add_argument("--rounds", type=int, default=7)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(chosen.records, 0.0) as url:
        config = Path(folder) / "atsbridge.toml"
        config.write_text(CONFIG.format(url=url), "utf-8")
        tick = (sys.executable, "-m", "atsbridge", "--config", str(config), "run")
        first = spent(*tick)
        spent(*tick)
        pairs = [(spent(*tick), spent(sys.executable, "-c", IMPORTS)) for _ in range(chosen.rounds)]
    ratio = statistics.median(tick / imports for tick, imports in pairs)
    ticks, imports = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"first tick on {chosen.records:,} applications: {first:.1f} s")
    print(f"no-op tick: {ticks:.2f} s, the imports: {imports:.2f} s")
    verdict = "reached" if ratio <= GOAL else "missed"
    print(f"ratio, median of {chosen.rounds} paired rounds: {ratio:.2f} (goal {GOAL}: {verdict})")


if __name__ == "__main__":
    main()
