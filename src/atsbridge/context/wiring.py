"""What a tick asks of the application: the pieces, already chosen.

Choosing them is `app`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from atsbridge.errors import ConfigError, RuleError
    from atsbridge.model import Destination, Sensitivity
    from atsbridge.plugins import Plugins
    from atsbridge.ports import Connector, ConnectorSpec, Sink
    from atsbridge.rules import Market, RuleSet
    from atsbridge.settings import AccountSettings, Settings
    from atsbridge.store import Store
    from atsbridge.timesource import TimeSource


class Wiring(Protocol):
    """The application as a tick sees it."""

    @property
    def settings(self) -> Settings: ...

    @property
    def plugins(self) -> Plugins: ...

    @property
    def time(self) -> TimeSource: ...

    @property
    def store(self) -> Store: ...

    @property
    def rules(self) -> RuleSet: ...

    @property
    def packs_digest(self) -> str: ...

    @property
    def market(self) -> Market: ...

    @property
    def market_digest(self) -> str: ...

    @property
    def market_mistakes(self) -> list[RuleError]: ...

    def warnings(self) -> list[ConfigError]: ...

    def account(self, name: str) -> AccountSettings: ...

    def spec(self, account: str) -> ConnectorSpec: ...

    def connector(self, account: str) -> Connector: ...

    def sinks(self, account: str) -> Mapping[str, Sink]: ...

    def sinks_allowed(self, account: str) -> tuple[str, ...]: ...

    def clearance(self, sink: str) -> Sensitivity: ...

    def teams(self, account: str) -> Mapping[str, Destination]: ...
