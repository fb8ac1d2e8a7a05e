"""A company of a small size, served as Lever and read by the real connector."""

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
from atsbridge_lever.connector import Lever
from atsbridge_lever.fake import company_ids, serve
from atsbridge_lever.spec import SPEC


@pytest.fixture
def company() -> Company:
    profile = CompanyProfile(company_ids, "shared")
    return build_company(3, applications=240, requisitions=12, profile=profile)


@pytest.fixture
def clock(company: Company) -> ManualTime:
    return ManualTime(company.now)


@pytest.fixture
def served(company: Company, clock: ManualTime) -> Iterator[Callable[..., Fake]]:
    """Serve the company, with options of the fake."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(serve(company, clock, **options))


@pytest.fixture
def connected(clock: ManualTime) -> Iterator[Callable[..., Lever]]:
    """Open the connector on a fake, with settings that differ from the fake's own.

    `map`: the account's.
    """
    with ExitStack() as stack:

        def connect(fake: Fake, map: Any = None, **settings: Any) -> Lever:  # noqa: A002
            read = SPEC.settings(**{**fake.settings, **settings})
            connector = SPEC.open(read, Tools("acme", clock, map=map or {}))
            stack.callback(connector.close)
            assert isinstance(connector, Lever)
            return connector

        yield connect


@pytest.fixture
def fake(served: Callable[..., Fake]) -> Fake:
    """A fake whose key may see everything."""
    return served(confidential=True)


@pytest.fixture
def lever(fake: Fake, connected: Callable[..., Lever]) -> Lever:
    """The connector on that fake."""
    return connected(fake)
