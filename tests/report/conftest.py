"""Reports of filled stores, written by the command itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from benchmarks.report_store import StoreSize, fill, write_settings

from atsbridge.app import open_services
from atsbridge.context import Services
from atsbridge.report import ReportOptions, collect_report, render_page
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)><style>*{display:none}</style>"
    "</title></style><a href=javascript:alert(3)>\u202eevil\u0000{{7*7}}'\"&"
)


@contextmanager
def filled(folder: Path, size: StoreSize, *, opted_in: bool = True) -> Iterator[Services]:
    """Services over a filled store, at a fixed instant."""
    config = write_settings(folder, size, opted_in=opted_in)
    with open_services(config, time=ManualTime(NOW)) as services:
        fill(services, folder, size, NOW)
        yield services


def write_page(folder: Path, size: StoreSize) -> Path:
    """The page of such a store."""
    with filled(folder, size) as services:
        page = render_page(collect_report(services, ReportOptions()))
    target = folder / "report.html"
    target.write_text(page, "utf-8")
    return target


@pytest.fixture(scope="session")
def big_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """500 requisitions, 200 pairs, 150 open cases."""
    return write_page(tmp_path_factory.mktemp("big"), StoreSize())


@pytest.fixture(scope="session")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every name, title and stage is hostile."""
    size = StoreSize(20, 300, 300, 20, 4, HOSTILE)
    return write_page(tmp_path_factory.mktemp("hostile"), size)
