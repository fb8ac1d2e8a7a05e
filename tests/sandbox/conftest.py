"""A company, a clock and a wire for the sandbox's own tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from atsbridge.sandbox.company.fake_company import START, Company
from atsbridge.shared_clock import SharedClock
from atsbridge.timesource import ManualTime


@pytest.fixture
def time() -> ManualTime:
    return ManualTime(START)


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[SharedClock]:
    with SharedClock(tmp_path / "clock", START) as clock:
        yield clock


@pytest.fixture
def wire() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture(scope="session")
def lived() -> Company:
    """A company three weeks after its start. Tests read it; none moves it."""
    company = Company(3)
    company.advance(START.replace(day=23))
    return company
