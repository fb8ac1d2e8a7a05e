"""Working time by business-duration, which knows no zones: instants are made local first."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from benchmarks.peers.programs.harness import read_task, run
from business_duration import businessDuration

task = read_task()
zone = ZoneInfo(task["zone"])
days = dict.fromkeys(task["holidays"], "holiday")


def local(at: datetime) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def elapsed(start: datetime, end: datetime) -> float:
    spent = businessDuration(
        startdate=local(start),
        enddate=local(end),
        starttime=time(9),
        endtime=time(18),
        holidaylist=days,
        unit="sec",
    )
    return float(spent)


run({"elapsed": lambda pairs: [elapsed(*pair) for pair in pairs]}, task)
