"""Working time by businesstimedelta."""

from datetime import time

import pytz
from benchmarks.peers.programs.harness import milliseconds, read_task, run
from businesstimedelta import BusinessTimeDelta, HolidayRule, LunchTimeRule, Rules, WorkDayRule

task = read_task()
zone = pytz.timezone(task["zone"])
days = dict.fromkeys(task["holidays"], "holiday")
work = WorkDayRule(start_time=time(9), end_time=time(18), working_days=[0, 1, 2, 3, 4], tz=zone)
noon = LunchTimeRule(
    start_time=time(12, 30), end_time=time(13, 30), working_days=[0, 1, 2, 3, 4], tz=zone
)
office = Rules([work, HolidayRule(days, tz=zone)])
lunch = Rules([work, noon, HolidayRule(days, tz=zone)])
span = BusinessTimeDelta(office, hours=24)

run(
    {
        "elapsed": lambda pairs: [office.difference(*p).timedelta.total_seconds() for p in pairs],
        "lunch": lambda pairs: [lunch.difference(*p).timedelta.total_seconds() for p in pairs],
        "deadline": lambda pairs: [milliseconds(s + span) for s, _ in pairs],
    },
    task,
)
