"""The configured market tables: found at once, read when a rule first needs them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from atsbridge import __version__
from atsbridge.plugins import Plugins
from atsbridge.settings import Settings

if TYPE_CHECKING:
    from atsbridge.errors import RuleError
    from atsbridge.intake import MarketTable
    from atsbridge.rules import Market


@dataclass(frozen=True)
class MarketTables:
    """The tables of the settings and of plugins. Each part is read when it is first asked for."""

    settings: Settings
    plugins: Plugins

    @cached_property
    def _files(self) -> tuple[list[Path], list[RuleError]]:
        """The files, unread, and an error for each that does not exist."""
        from atsbridge.intake import input_files

        wanted, folder = self.settings.rules.market, self.settings.folder
        return input_files.find_files(wanted, folder, self.plugins.market_tables())

    @cached_property
    def digest(self) -> str:
        """Changes whenever a table does, or how tables are read. Reads none."""
        from atsbridge.intake import sign_files

        return sign_files(self._files[0], __version__)

    @cached_property
    def tables(self) -> list[MarketTable]:
        """Every table with its good rows and its errors."""
        from atsbridge.intake import read_tables

        return read_tables(self._files[0], self.settings.folder)

    @cached_property
    def data(self) -> Market:
        """All rows of the tables, and the countries of the offices."""
        from atsbridge.rules import Market

        rows = tuple(row for table in self.tables for row in table.rows)
        offices = self.settings.offices.items()
        return Market(rows, {name: office.country for name, office in offices if office.country})

    @property
    def errors(self) -> list[RuleError]:
        """Everything that is wrong with the tables: missing files first."""
        inside = [error for table in self.tables for error in table.errors]
        return [*self._files[1], *inside]
