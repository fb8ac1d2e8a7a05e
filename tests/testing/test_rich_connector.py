"""A connector with child lists, made ids, parents of no kind and slow lists keeps the contract."""

from __future__ import annotations

from functools import cache
from typing import ClassVar

from tests.testing import rich_api
from tests.testing.generated import generate

from atsbridge.ports import ConnectorSpec
from atsbridge.testing import ConnectorContract


class _WhenUsed:
    """A spec that is generated when the first test asks for it, not while tests are collected."""

    def __get__(self, instance: object, owner: type) -> ConnectorSpec:
        return _spec()


@cache
def _spec() -> ConnectorSpec:
    return generate("--post", rich_api.CONNECTOR, rich_api.FAKE)


class TestRichConnector(ConnectorContract):
    """With few applications: each has a list of its own."""

    spec = _WhenUsed()  # type: ignore[assignment]
    applications = 30
    unknowable: ClassVar = {"plan": "nobody else names a plan whose stages are read"}
