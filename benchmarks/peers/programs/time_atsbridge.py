"""Working time by atsbridge."""

from datetime import timedelta

from benchmarks.peers.programs.harness import milliseconds, read_task, run

from atsbridge.worktime.calendar import Calendar, parse_hours
from atsbridge.worktime.duration import Unit
from atsbridge.worktime.elapsed import counted, reach

task = read_task()
holidays = dict.fromkeys(task["holidays"], "holiday")
office = Calendar("office", task["zone"], parse_hours("mon-fri 09:00-18:00"), holidays)
LUNCH = parse_hours("mon-fri 09:00-12:30 13:30-18:00")
lunch = Calendar("lunch", task["zone"], LUNCH, holidays)
DAY = timedelta(days=1)
SPAN = timedelta(hours=24)

run(
    {
        "elapsed": lambda pairs: [counted(office, Unit.BH, *p).total_seconds() for p in pairs],
        "lunch": lambda pairs: [counted(lunch, Unit.BH, *p).total_seconds() for p in pairs],
        "deadline": lambda pairs: [milliseconds(reach(office, Unit.BH, s, SPAN)) for s, _ in pairs],
        "days": lambda pairs: [counted(office, Unit.BD, *p) // DAY for p in pairs],
    },
    task,
)
