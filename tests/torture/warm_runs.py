"""Commands that start at once: a process that has loaded every module forks one for each.

A run that begins with its imports spends most of its time there, and a kill at a random instant
seldom meets anything else. A fork begins where the imports end, and a thousand kills take minutes.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class WarmRun:
    """A forked command, with what the tests need of `subprocess.Popen`."""

    pid: int
    answers: Any  # the pipe on which the status comes
    files: tuple[Path, Path]
    returncode: int | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, negative for a signal. subprocess.TimeoutExpired after `timeout` s."""
        with self._lock:
            if self.returncode is None:
                if not select.select([self.answers], [], [], timeout)[0]:
                    raise subprocess.TimeoutExpired("a warm run", timeout or 0)
                self.returncode = os.waitstatus_to_exitcode(int(self.answers.readline()))
            return self.returncode

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, if the process still runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def communicate(self) -> tuple[bytes, bytes]:
        self.wait()
        return self.files[0].read_bytes(), self.files[1].read_bytes()


class WarmRuns:
    """Forks commands one after the other. `warm_up`: words of a command that loads all modules."""

    def __init__(self, folder: Path, warm_up: Sequence[str]) -> None:
        self._files = folder / "warm-out", folder / "warm-err"
        self._server = subprocess.Popen(
            [sys.executable, __file__],
            bufsize=0,  # `select` must see what has arrived
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        warm = self.start(*warm_up, modules=str(folder / "warm-modules"))
        assert warm.wait() == 0, warm.communicate()

    def start(self, *words: str, modules: str = "") -> WarmRun:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        asked = {"words": words, "modules": modules, "files": [str(one) for one in self._files]}
        self._server.stdin.write(json.dumps(asked).encode() + b"\n")
        return WarmRun(int(self._server.stdout.readline()), self._server.stdout, self._files)

    def close(self) -> None:
        self._server.communicate()


def _serve() -> None:
    """Fork a command for each line of stdin; say its pid, and its status when it has ended."""
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if not pid:
            _become(asked)
        _say(pid)
        _say(os.waitpid(pid, 0)[1])
        if asked["modules"]:
            for name in Path(asked["modules"]).read_text("utf-8").split():
                with suppress(Exception):
                    importlib.import_module(name)


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _become(asked: dict[str, Any]) -> None:
    """Run the command in this process, as a fresh one would."""
    for number, file in zip((1, 2), asked["files"], strict=True):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    sys.argv = ["atsbridge", *asked["words"]]
    code = 1
    try:
        from atsbridge.cli import main

        main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        if asked["modules"]:
            Path(asked["modules"]).write_text("\n".join(sys.modules), "utf-8")
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the tests end it by closing its stdin
    _serve()
