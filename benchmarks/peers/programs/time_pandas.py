"""A deadline in working time by pandas; its offsets cannot tell the time between two instants."""

import pandas as pd
from benchmarks.peers.programs.harness import milliseconds, read_task, run

task = read_task()
office = pd.offsets.CustomBusinessHour(24, start="09:00", end="18:00", holidays=task["holidays"])
zone = task["zone"]

run(
    {
        "deadline": lambda pairs: [
            milliseconds(pd.Timestamp(start).tz_convert(zone) + office) for start, _ in pairs
        ]
    },
    task,
)
