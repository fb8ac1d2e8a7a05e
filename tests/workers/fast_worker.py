"""`atsbridge worker` with short intervals: `python fast_worker.py SETTINGS`."""

from __future__ import annotations

import sys
from pathlib import Path

from atsbridge.cli.worker import work
from atsbridge.errors import AtsbridgeError
from atsbridge.workers import WorkerTimings

TIMINGS = WorkerTimings(
    heartbeat=0.3,
    dead_after=2.0,
    reap=0.5,
    plan=0.2,
    catch_up=0.5,
    poll=0.5,
    reconnect=1.0,
    report=0.5,
)


def main() -> None:
    """Work until asked to stop."""
    try:
        work(Path(sys.argv[1]), TIMINGS)
    except AtsbridgeError as error:
        sys.exit(f'{{"action": "exit", "what": "{error.what}"}}')


if __name__ == "__main__":
    main()
