"""What programs and calls cost: wall clock, CPU and peak memory."""

from __future__ import annotations

import gc
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the wall clock, seconds of CPU, and the peak of resident memory in MB."""

    wall: float
    cpu: float
    memory: float = 0.0

    def seconds(self, clock: str) -> float:
        """Those of `clock`: wall or cpu."""
        return self.cpu if clock == "cpu" else self.wall


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Programs of which each reads what the one before prints; the last prints into a file."""

    commands: Sequence[Sequence[str]]
    folder: Path  # where they run; output.txt and errors.txt are written there
    variables: Mapping[str, str] = field(default_factory=dict)


def run(pipeline: Pipeline) -> Cost:
    """Run to the end; the sum of CPU and of peaks. SystemExit with the errors where one fails."""
    began = time.perf_counter()
    running: list[subprocess.Popen[bytes]] = []
    output, errors = pipeline.folder / "output.txt", pipeline.folder / "errors.txt"
    with output.open("wb") as printed, errors.open("wb") as failed:
        for number, command in enumerate(pipeline.commands):
            last = number == len(pipeline.commands) - 1
            source = running[-1].stdout if running else subprocess.DEVNULL
            program = subprocess.Popen(
                command,
                cwd=pipeline.folder,
                env={**os.environ, **pipeline.variables},
                stdin=source,
                stdout=printed if last else subprocess.PIPE,
                stderr=failed,
            )
            if running and running[-1].stdout:
                running[-1].stdout.close()  # only the next one reads it
            running.append(program)
        cpu = memory = 0.0
        for program in running:
            _, status, usage = os.wait4(program.pid, 0)
            program.returncode = os.waitstatus_to_exitcode(status)
            cpu += usage.ru_utime + usage.ru_stime
            memory += usage.ru_maxrss / 1024
    failing = [str(program.args) for program in running if program.returncode]
    if failing:
        text = errors.read_text("utf-8", errors="replace")
        raise SystemExit(f"{' and '.join(failing)} failed:\n{text[-3000:]}")
    return Cost(time.perf_counter() - began, cpu, memory)


def measure(work: Callable[[], object], elsewhere: Callable[[], float] = lambda: 0.0) -> Cost:
    """One call in this process, without the garbage collector: atsbridge's commands switch it off.

    `elsewhere`: CPU seconds so far of a server that works for it.
    """
    gc.collect()
    gc.disable()
    began, busy = time.perf_counter(), time.process_time() + elsewhere()
    work()
    cost = Cost(time.perf_counter() - began, time.process_time() + elsewhere() - busy)
    gc.enable()
    return cost
