"""The log of a run: one id in all its lines, through the standard library."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from threading import Thread

import pytest

from atsbridge.tick.reports.journal import LOGGER, Journal
from atsbridge.tick.run_options import make_run_id
from atsbridge.timesource import ManualTime

from ...conftest import World
from ...store.conftest import NOON


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "run.log", ManualTime(NOON), "run1")


def _lines(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_every_line_of_a_run_has_its_id(new_world: type[World]) -> None:
    """Two runs: two ids, and each is in the JSON document of its run."""
    world = new_world(10)
    world.configure(lambda text: text.replace("[run]", '[run]\nlog_file = "run.log"'))
    ids = []
    for _ in range(2):
        done = world.call("run", "--json", "--now", world.now.isoformat())
        ids.append(json.loads(done.out)["run"])
    found = [line["run"] for line in _lines(world.folder / "run.log")]
    assert list(dict.fromkeys(found)) == ids
    assert ids[0] != ids[1]
    world.close()


def test_an_id_is_readable_and_new_each_time() -> None:
    """It starts with the instant; two runs of one second differ."""
    ids = {make_run_id(NOON) for _ in range(50)}
    assert len(ids) == 50
    assert all(re.fullmatch(r"20260302T120000Z-[0-9a-f]{6}", one) for one in ids)


def test_threads_do_not_mix_their_lines(journal: Journal) -> None:
    """Accounts run at the same time and share one log."""
    threads = [
        Thread(target=lambda: [journal.warning("ping", "x" * 5000) for _ in range(50)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(_lines(journal.path)) == 200
    assert journal.problem == ""


def test_a_program_around_a_run_gets_the_lines_too(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    """Under the name `atsbridge.run`, with the level."""
    with caplog.at_level(logging.INFO, logger=LOGGER):
        journal.warning("ping", "no answer")
    (record,) = caplog.records
    assert (record.name, record.levelname) == (LOGGER, "WARNING")
    assert json.loads(record.getMessage())["run"] == "run1"


def test_two_runs_of_one_process_write_their_own_files(tmp_path: Path) -> None:
    """Neither line is in the other's file, and no file stays open."""
    first = Journal(tmp_path / "1.log", ManualTime(NOON), "run1")
    second = Journal(tmp_path / "2.log", ManualTime(NOON), "run2")
    first.warning("ping", "one")
    second.warning("ping", "two")
    assert [one["run"] for one in _lines(tmp_path / "1.log")] == ["run1"]
    assert [one["run"] for one in _lines(tmp_path / "2.log")] == ["run2"]


def test_a_full_disk_is_a_problem_and_no_error() -> None:
    """/dev/full takes no byte."""
    journal = Journal(Path("/dev/full"), ManualTime(NOON), "run1")
    journal.warning("ping", "x")
    assert journal.problem == "the log cannot be written: No space left on device"
