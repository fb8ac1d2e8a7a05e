"""The generated connector for POST APIs keeps the whole contract."""

from __future__ import annotations

from functools import cache

from tests.testing.generated import generate

from atsbridge.ports import ConnectorSpec
from atsbridge.testing import ConnectorContract


class _WhenUsed:
    """A spec that is generated when the first test asks for it, not while tests are collected."""

    def __get__(self, instance: object, owner: type) -> ConnectorSpec:
        return _spec()


@cache
def _spec() -> ConnectorSpec:
    return generate("--post")


class TestPostConnector(ConnectorContract):
    """As it is generated."""

    spec = _WhenUsed()  # type: ignore[assignment]
