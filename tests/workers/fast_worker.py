"""A worker process whose intervals are short: `python fast_worker.py SETTINGS`."""

from __future__ import annotations

import sys
from pathlib import Path

from atsbridge.app import open_services
from atsbridge.workers import WorkerProcess, WorkerTimings, make_session_name

TIMINGS = WorkerTimings(
    heartbeat=0.3, dead_after=2.0, reap=0.5, plan=0.2, catch_up=0.5, poll=0.5, reconnect=1.0
)


def main() -> None:
    """Work until asked to stop."""
    session = make_session_name()
    with open_services(Path(sys.argv[1]), session=session) as services:
        WorkerProcess(services, session, timings=TIMINGS).run()


if __name__ == "__main__":
    main()
