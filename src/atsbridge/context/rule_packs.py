"""The configured rule packs: their texts, the rules in them, and a digest of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from atsbridge import __version__
from atsbridge.context.market_tables import MarketTables
from atsbridge.context.run_memory import digest
from atsbridge.plugins import Plugins
from atsbridge.settings import Settings
from atsbridge.worktime import data_version

if TYPE_CHECKING:
    from atsbridge.rules import KnownNames, Packs, RuleSet


@dataclass(frozen=True)
class RulePacks:
    """The packs of the settings and of plugins. Each part is read when it is first asked for.

    `given`: (name, text) of each pack, instead of the configured files.
    """

    settings: Settings
    plugins: Plugins
    market: MarketTables
    given: Sequence[tuple[str, str]] | None = None

    def replaced_by(self, texts: Sequence[tuple[str, str]]) -> RulePacks:
        """These packs instead of the configured ones."""
        return replace(self, given=texts)

    @cached_property
    def rule_set(self) -> RuleSet:
        """Every good rule of the packs, compiled, and the errors in the others.

        RuleErrors for an error in `given` packs, which are not yet in use.
        """
        from atsbridge.rules import load, load_good

        kinds = self.plugins.rule_kinds()
        if self.given is not None:
            return load(self.texts, kinds, self.known)
        return load_good(self.texts, kinds, self.known, self._files.unread)

    @property
    def checked_rules(self) -> RuleSet:
        """Every rule of the packs. RuleErrors holds every error in any of them."""
        from atsbridge.rules import RuleErrors

        if self.rule_set.mistakes:
            raise RuleErrors(self.rule_set.mistakes)
        return self.rule_set

    @property
    def known(self) -> KnownNames:
        """What rules may refer to."""
        from atsbridge.rules import KnownNames, discovery
        from atsbridge.textfile import name_of

        settings = self.settings
        installed = [
            *discovery.builtin_folder().glob("*.yaml"),
            *self.plugins.rule_packs().values(),
        ]
        own = [name for account in settings.accounts.values() for name in account.teams]
        return KnownNames(
            calendars=frozenset(settings.calendars),
            teams=frozenset((*settings.teams, *own)),
            packaged=frozenset(name_of(file, settings.folder) for file in installed),
        )

    @cached_property
    def texts(self) -> list[tuple[str, str]]:
        """The packs that are text, not yet parsed: (name, text) of each file."""
        return self._files.texts if self.given is None else list(self.given)

    @cached_property
    def digest(self) -> str:
        """Changes whenever rules or calendars could: texts, plugins, versions, data, settings."""
        settings = self.settings
        parts = (
            __version__,
            [(one.name, one.version) for one in self.plugins.installed],
            self.texts,
            [str(pack.error) for pack in self._files.unread],
            (settings.teams, [account.teams for account in settings.accounts.values()]),
            (settings.calendars, settings.offices, settings.people, settings.rules, settings.pilot),
            self.market.digest,
            data_version(),
        )
        return digest(repr(parts))

    @cached_property
    def _files(self) -> Packs:
        from atsbridge.rules import discovery

        packs, plugins = self.settings.rules.packs, self.plugins.rule_packs()
        return discovery.gather(packs, self.settings.folder, plugins)
