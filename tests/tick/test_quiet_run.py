"""A run that finds nothing to do loads only what it uses: cron starts one every few minutes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

import pytest

CONFIG = """\
[accounts.acme]
connector = "files"
folder = "exports"
dates_timezone = "UTC"
[accounts.acme.tables.users.user]
id = "Id"
columns = {name = "Name", email = "Mail"}
[accounts.acme.tables.users]
files = "users.csv"
[sinks.console]
kind = "console"
[teams.ops]
sink = "console"
to = "ops"
[notify]
dm = ["console"]
"""
RUN = """\
import atexit, json, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
asked = []
event.listen(Engine, "before_cursor_execute", lambda *of: asked.append(of[2]))
atexit.register(lambda: print(json.dumps({{"modules": list(sys.modules), "statements": asked}})))
sys.argv = ["atsbridge", "--config", {config!r}, "run"]
from atsbridge.cli import main
main()
"""
UNUSED = (
    *("babel", "holidays", "icalendar", "jinja2", "psycopg", "yaml"),
    *("sqlalchemy.dialects.postgresql", "sqlalchemy.ext", "sqlalchemy.orm"),
    *("atsbridge.cases.lifecycle", "atsbridge.delivery"),
    *("atsbridge.ports.decision_store", "atsbridge.ports.worker_queue"),
    *("atsbridge.rules.evaluate.check", "atsbridge.rules.kinds", "atsbridge.rules.rule"),
    *("atsbridge.store.database.record_tables", "atsbridge.store.database.tables"),
    *("atsbridge.store.derive.derivation", "atsbridge.store.select.query_sql"),
    *("atsbridge.worktime.clock", "atsbridge.worktime.holiday_calendar"),
)


STATEMENTS = 32  # of an account with one list; each further list adds four, or five if read whole


@pytest.fixture(scope="module")
def quiet_run(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Sequence[str]]:
    """The modules and statements of a run after one that read and evaluated everything."""
    folder = tmp_path_factory.mktemp("quiet")
    (folder / "exports").mkdir()
    users = folder / "exports" / "users.csv"
    users.write_text("Id,Name,Mail\n1,Kim,kim@acme.example\n", "utf-8")
    settled = users.stat().st_mtime - 600  # a file written just now may be unfinished
    os.utime(users, (settled, settled))
    config = folder / "atsbridge.toml"
    config.write_text(CONFIG, "utf-8")
    command = [sys.executable, "-c", RUN.format(config=str(config))]
    for _ in range(3):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    found: Mapping[str, Sequence[str]] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def loaded(quiet_run: Mapping[str, Sequence[str]]) -> frozenset[str]:
    return frozenset(quiet_run["modules"])


def test_a_quiet_run_reads_its_lists(loaded: frozenset[str]) -> None:
    assert {"atsbridge.sync.engine", "atsbridge_files.connector"} <= loaded


@pytest.mark.parametrize("package", UNUSED)
def test_a_quiet_run_does_not_load(package: str, loaded: frozenset[str]) -> None:
    found = [one for one in loaded if one == package or one.startswith(f"{package}.")]
    assert sorted(found) == []


def test_a_quiet_run_asks_the_store_little(quiet_run: Mapping[str, Sequence[str]]) -> None:
    asked = quiet_run["statements"]
    assert len(asked) <= STATEMENTS, asked
