"""Exports at an address keep the contract of connectors, as far as it applies to exports."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from atsbridge.testing import sync_checks
from atsbridge.testing.connector_contract import ConnectorContract
from atsbridge.testing.connector_world import FakeAccount
from atsbridge.testing.disturbances import Disturbance
from atsbridge.testing.list_checks import Trial
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

    def trials(self, world: FakeAccount, hows: Sequence[Disturbance]) -> list[Trial]:
        """Every second of the fifteen lists, and each of them where a single way is asked for."""
        found = super().trials(world, hows)
        return found[::2] if len(hows) > 1 else found

    @pytest.fixture(autouse=True)
    def _without_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Leave out what can only happen between two pages."""
        tricks = tuple(trick for trick in sync_checks.TRICKS if trick.later is None)
        monkeypatch.setattr(sync_checks, "TRICKS", tricks)
