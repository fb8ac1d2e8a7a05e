"""A standing sandbox with a configuration, for tests that run whole commands against it."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from hypothesis import settings
from tests.worker_memory import remembering

# Tests start hundreds of processes: what each compiles is kept for the next one, whatever the shell
# says.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A shell that starts a job in the background lets it ignore Ctrl-C, and so would every process that
# a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

if TYPE_CHECKING:
    from atsbridge.sandbox.running_sandbox import RunningSandbox

# Hypothesis gives an example 200 ms by default: a busy machine is no fault of ours.
settings.register_profile("atsbridge", deadline=None)
settings.load_profile("atsbridge")

_NEW_OBJECTS = 50_000  # after so many, look for garbage among them; Python's default is 700

# Modules with single tests of half a minute and more. They come first: one that begins last lets
# the other test workers wait for it.
LONG = (
    "tests/workers/test_three_workers.py",
    "tests/tutorials/test_tutorials.py",
    "tests/docs/test_connectors_page.py",
    "tests/torture/test_kills.py",
    "tests/faults/test_lists_that_go_wrong.py",
    "tests/cli/test_demo_week.py",
    "tests/cli/test_secrets.py",
    "tests/workers/test_worker_command.py",
)


@pytest.hookimpl(trylast=True)  # after the order was shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest modules; the others keep their order."""
    rank = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(LONG)))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Thousands of collected tests stay until the end: do not look through them for garbage.

    Nor look as often as Python does among what the tests make, which is a sixth of their time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(_NEW_OBJECTS)
        gc.enable()


def pytest_unconfigure() -> None:
    """A process looks for garbage several times while it ends: not through all that tests made."""
    gc.freeze()


def pytest_runtest_teardown() -> None:
    """A command that was called within this process leaves the collection of garbage off."""
    gc.enable()


# A note in the candidate's file besides the built-in steps, as an account may allow it.
PACK = """\
version: 1
overrides:
  - id: feedback-late
    steps:
      - {at: "80%", to: seat.user, via: dm}
      - {at: due, to: seat.user, via: dm}
      - {at: +4h, to: ats}
      - {at: +1bd, to: requisition.recruiter, via: dm}
      - {at: +2bd, to: requisition.hiring_manager, via: dm, max: 1}
"""
RULES = '\n[rules]\npacks = ["builtin:responsiveness", "notes.yaml"]\n'


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass(slots=True)
class World:
    """A sandbox, and the configuration file that leads to it."""

    standing: RunningSandbox
    config: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.config.parent

    @property
    def store(self) -> Path:
        return self.folder / "atsbridge.db"

    @property
    def now(self) -> datetime:
        return self.standing.clock.now()

    def words(self, *arguments: str) -> list[str]:
        return ["--config", str(self.config), *arguments]

    def call(self, *arguments: str) -> Outcome:
        """A command within this process, without a terminal."""
        from atsbridge.cli import main

        out, err = io.StringIO(), io.StringIO()
        code = 0
        with (
            mock.patch.object(sys, "argv", ["atsbridge", *self.words(*arguments)]),
            mock.patch.object(gc, "disable"),  # or all worlds stay in memory until the end
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as stop:
                code = int(stop.code or 0)
        return Outcome(code, out.getvalue(), err.getvalue())

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A command as a process of its own, which nobody waits for yet."""
        command = [sys.executable, "-m", "atsbridge", *self.words(*arguments)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.started.append(process)
        return process

    def tick(self) -> Outcome:
        """A whole tick at the present instant of the world, within this process."""
        return self.call("run", "--now", self.now.isoformat())

    def configure(self, change: Callable[[str], str]) -> None:
        """Rewrite the configuration."""
        before = self.config.read_text("utf-8")
        after = change(before)
        assert after != before, "the configuration was not changed"
        self.config.write_text(after, "utf-8")

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()
        self.standing.close()
        self.standing.clock.close()


def build(folder: Path, applications: int, seed: int = 1, *, both: bool = False) -> World:
    """A world whose clock stands still; its store is empty.

    It has the account acme (Greenhouse), with `both` globex (Lever) too: each makes runs longer.
    """
    from atsbridge.plugins import discover
    from atsbridge.sandbox.sandbox_builder import SandboxOptions, build_sandbox

    folder.mkdir(parents=True, exist_ok=True)
    options = SandboxOptions(applications=applications, seed=seed, frozen=True)
    known = discover().connectors()
    specs = [known[name] for name in (("greenhouse", "lever") if both else ("greenhouse",))]
    world = build_sandbox(folder, specs, options).__enter__()
    (folder / "notes.yaml").write_text(PACK, "utf-8")
    config = folder / "atsbridge.toml"
    config.write_text(world.config() + RULES, "utf-8")
    config.chmod(0o600)  # it holds secrets: others may not read it
    return World(world, config)


@pytest.fixture(scope="session", autouse=True)
def _remember() -> Iterator[None]:
    with remembering():
        yield


@pytest.fixture(scope="session")
def new_world(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., World]:
    """Build a world; whoever builds one closes it."""

    def made(applications: int, seed: int = 1, *, both: bool = False) -> World:
        return build(tmp_path_factory.mktemp("world"), applications, seed, both=both)

    return made
