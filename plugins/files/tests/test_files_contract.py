"""Exports at an address keep the contract of connectors, as far as it applies to exports."""

from __future__ import annotations

import pytest

from atsbridge.testing import sync_checks
from atsbridge.testing.connector_contract import ConnectorContract
from atsbridge_files.fake.reports import report_tables
from atsbridge_files.settings import FilesSettings
from atsbridge_files.spec import adapt

_TABLES = FilesSettings(
    base_url="https://reports.example",
    dates_timezone="America/New_York",
    tables=report_tables(),
)


class TestReports(ConnectorContract):
    """The reports of the fake, mapped by its tables."""

    spec = adapt(_TABLES)
    # A report is one answer: it has no further pages.
    test_pages_are_read_to_the_end = None
    test_a_repeated_page_is_an_error = None
    list_applications = 24
    list_requisitions = 5
    list_step = 3

    @pytest.fixture(autouse=True)
    def _without_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Leave out what can only happen between two pages."""
        tricks = tuple(trick for trick in sync_checks.TRICKS if trick.later is None)
        monkeypatch.setattr(sync_checks, "TRICKS", tricks)
