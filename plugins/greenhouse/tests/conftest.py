"""A company of the default size, served as Greenhouse and read by the real connector."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from atsbridge.ports.connector import Tools
from atsbridge.sandbox.company.fake_company import Company, CompanyProfile
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.timesource import ManualTime
from atsbridge_greenhouse.connector import Greenhouse
from atsbridge_greenhouse.fake import company_ids, serve
from atsbridge_greenhouse.spec import SPEC


@pytest.fixture
def company() -> Company:
    return Company(3, applications=160, requisitions=10, profile=CompanyProfile(company_ids))


@pytest.fixture
def clock(company: Company) -> ManualTime:
    return ManualTime(company.now)


@pytest.fixture
def served(company: Company, clock: ManualTime) -> Iterator[Callable[..., Fake]]:
    """Serve the company, with options of the fake."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(serve(company, clock, **options))


@pytest.fixture
def connected(clock: ManualTime) -> Iterator[Callable[..., Greenhouse]]:
    """Open the connector on a fake, with settings that differ from the fake's own."""
    with ExitStack() as stack:

        def connect(fake: Fake, **settings: Any) -> Greenhouse:
            read = SPEC.settings(**{**fake.settings, **settings})
            connector = SPEC.open(read, Tools("acme", clock))
            stack.callback(connector.close)
            assert isinstance(connector, Greenhouse)
            return connector

        yield connect


@pytest.fixture
def greenhouse(served: Callable[..., Fake], connected: Callable[..., Greenhouse]) -> Greenhouse:
    """The connector on a fake without options."""
    return connected(served())
