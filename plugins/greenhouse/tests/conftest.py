"""A company of the default size, served as Greenhouse and read by the real connector."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from atsbridge.ports.connector import Tools
from atsbridge.sandbox.company.company_copies import build_company
from atsbridge.sandbox.company.fake_company import Company, CompanyProfile
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.store.sql_store import open_store
from atsbridge.timesource import ManualTime
from atsbridge_greenhouse.connector import Greenhouse
from atsbridge_greenhouse.fake import company_ids, serve
from atsbridge_greenhouse.spec import SPEC

from .mapped_account import MappedAccount


@pytest.fixture
def company() -> Company:
    return build_company(3, applications=160, requisitions=10, profile=CompanyProfile(company_ids))


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


@pytest.fixture
def account(
    served: Callable[..., Fake], clock: ManualTime, tmp_path: Path
) -> Iterator[Callable[..., MappedAccount]]:
    """Makes accounts on fakes, each with a map of its own."""
    with ExitStack() as stack:
        store = open_store(f"sqlite:///{tmp_path / 'acme.db'}", clock)
        stack.callback(store.close)

        def make(account_map: Mapping[str, Any] | None = None, **options: Any) -> MappedAccount:
            made = MappedAccount(served(**options), store, clock, account_map or {})
            stack.callback(made.connector.close)
            return made

        yield make
