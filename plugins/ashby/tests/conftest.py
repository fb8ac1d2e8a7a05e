"""A company of a small size, served as Ashby and read by the real connector."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from atsbridge.ports.connector import Tools
from atsbridge.sandbox.company.company_copies import build_company
from atsbridge.sandbox.company.fake_company import Company, CompanyProfile
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.timesource import ManualTime
from atsbridge_ashby.connector import Ashby
from atsbridge_ashby.fake import company_ids, serve
from atsbridge_ashby.spec import SPEC


@pytest.fixture
def company() -> Company:
    return build_company(3, applications=160, requisitions=8, profile=CompanyProfile(company_ids))


@pytest.fixture
def clock(company: Company) -> ManualTime:
    return ManualTime(company.now)


@pytest.fixture
def served(company: Company, clock: ManualTime) -> Iterator[Callable[..., Fake]]:
    """Serve the company, with options of the fake."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(serve(company, clock, **options))


@pytest.fixture
def connected(clock: ManualTime) -> Iterator[Callable[..., Ashby]]:
    """Open the connector on a fake, with settings that differ from the fake's own.

    `tools`: further ones, such as the account's map.
    """
    with ExitStack() as stack:

        def connect(fake: Fake, tools: Any = None, **settings: Any) -> Ashby:
            read = SPEC.settings(**{**fake.settings, **settings})
            connector = SPEC.open(read, Tools("acme", clock, **(tools or {})))
            stack.callback(connector.close)
            assert isinstance(connector, Ashby)
            return connector

        yield connect


@pytest.fixture
def fake(served: Callable[..., Fake]) -> Fake:
    return served()


@pytest.fixture
def ashby(fake: Fake, connected: Callable[..., Ashby]) -> Ashby:
    """The connector on that fake."""
    return connected(fake)
