"""Accounts that read exports: what `init` writes is accepted, and nothing to read is said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAD = "Candidate,Role,Hiring manager,Recruiter,Stage,Status\n"
ROW = "Kim Doe,Engineer,Anna Alt,ravi@acme.example,Screen,Active\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with exports, and no settings."""
    (tmp_path / "exports").mkdir()
    return tmp_path


def call(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What a command does in the folder."""
    command = [sys.executable, "-m", "atsbridge", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def begin(folder: Path) -> None:
    pairs = ("--set=folder=exports", "--set=dates_timezone=UTC", "--set=settle=0")
    call(folder, "init", "--connector", "files", "--account", "acme", *pairs)


def test_an_account_without_lists_fails_its_run(folder: Path) -> None:
    """It is not good: nobody would ever hear that nothing is read."""
    begin(folder)
    found = call(folder, "run")
    assert found.returncode == 1
    assert "acme: this account reads nothing. `atsbridge doctor` says" in found.stderr
    assert call(folder, "status").returncode == 1


def test_people_without_an_address_are_not_written_to_a_file_of_addresses(folder: Path) -> None:
    (folder / "exports" / "pipeline.csv").write_text(HEAD + ROW * 3, "utf-8")
    begin(folder)
    people = (folder / "people" / "acme.csv").read_text("utf-8").splitlines()
    assert people[1:] == ["ravi@acme.example,,,,"]
    assert "people/acme.csv" not in call(folder, "doctor").stdout.replace(" look time zones", "")
