"""Time one question of working time: the same frame around every library.

The task is a file of JSON: "pairs" of instants, as milliseconds since 1970, UTC; "holidays", as
days; "zone"; "question". The answers are numbers: seconds, milliseconds since 1970, or days. The
first pass fills caches and gives the answers. Further passes are timed until they have taken half
a second. Printed is one line of JSON: answers, seconds a value on the wall clock and of CPU.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

LEAST = 0.5  # seconds
# All pairs at once, so that a library that works on whole arrays can.
Answer = Callable[[Any], list[float]]


def read_task() -> dict[str, Any]:
    """The task, with instants as `datetime` in UTC and holidays as `date`."""
    task: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    task["holidays"] = [date.fromisoformat(day) for day in task["holidays"]]
    task["pairs"] = [
        tuple(datetime.fromtimestamp(at / 1000, UTC) for at in pair) for pair in task["pairs"]
    ]
    return task


def milliseconds(at: datetime) -> float:
    """Since 1970, UTC."""
    return round(at.timestamp() * 1000)


def run(answers: Mapping[str, Answer], task: dict[str, Any]) -> None:
    """Answer the task's question."""
    answer, pairs = answers[task["question"]], task["pairs"]
    found, passes = answer(pairs), 0
    began, busy = time.perf_counter(), time.process_time()
    while time.perf_counter() - began < LEAST:
        answer(pairs)
        passes += 1
    values = passes * len(pairs)
    took = (time.perf_counter() - began) / values, (time.process_time() - busy) / values
    print(json.dumps([found, took]))
