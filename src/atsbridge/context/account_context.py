"""Everything about one account for one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from atsbridge.context.run_state import RunState
from atsbridge.context.services import Services
from atsbridge.model import Office, User

# Imports stand in the functions that need them: a run that finds nothing to do loads none of them.
if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from atsbridge.cases import Attention, Directory
    from atsbridge.context.calendars import Calendars
    from atsbridge.context.evaluation_inputs import EvaluationInputs
    from atsbridge.context.suppression import Suppression
    from atsbridge.model import Case, Destination, Key, Sensitivity
    from atsbridge.ports import Connector, ConnectorSpec, Sink, Store
    from atsbridge.rules import Rule
    from atsbridge.settings import AccountSettings, Settings
    from atsbridge.sync import AccountMap
    from atsbridge.timesource import TimeSource
    from atsbridge.worktime import Absence


class AccountContext:
    """One account's settings, map, people, calendars, rules and gaps, as of one run.

    Each part is read when it is first used and then kept: create the context when a run begins,
    and read nothing of people, rules or gaps before its sync has ended. ConfigError where no such
    account is configured. Not safe for threads.
    """

    def __init__(
        self,
        services: Services,
        account: str,
        *,
        fetch_time: TimeSource | None = None,
        years: tuple[int, ...] = (),
        max_age: timedelta | None = None,
    ) -> None:
        """`fetch_time`: the clock by which the age of data counts; None: that of the services.

        `years`: those of the calendars; else last year, this year and the next. `max_age`: how old
        data may be; else as the account's section says.
        """
        self.services = services
        self.account = account
        self._fetch_time, self._years, self._max_age = fetch_time, years, max_age

    # --- the services, as the account sees them ---------------------------------------------

    @property
    def settings(self) -> Settings:
        """All settings; `section` has the account's own."""
        return self.services.settings

    @property
    def store(self) -> Store:
        """The database."""
        return self.services.store

    @property
    def run_state(self) -> RunState:
        """What runs of the account keep between them."""
        return RunState(self.store.run_state, self.account)

    @property
    def time(self) -> TimeSource:
        """The clock by which rules are evaluated."""
        return self.services.time

    @property
    def fetch_time(self) -> TimeSource:
        """The clock by which data is read: a dry run may evaluate at another instant."""
        return self._fetch_time or self.services.time

    @property
    def connector(self) -> Connector:
        """The account's connector, opened once."""
        return self.services.open_connector(self.account)

    @property
    def sinks(self) -> Mapping[str, Sink]:
        """The sinks the account may use, opened: name -> sink."""
        return self.services.sinks(self.account)

    @cached_property
    def section(self) -> AccountSettings:
        """The account's section of the settings."""
        return self.services.account(self.account)

    @cached_property
    def spec(self) -> ConnectorSpec:
        """The spec of the account's connector."""
        return self.services.spec(self.account)

    @property
    def ops(self) -> Destination:
        """Where messages to ops go."""
        return self.services.teams(self.account)[self.settings.notify.ops]

    # --- the account's map ------------------------------------------------------------------

    @cached_property
    def account_map(self) -> AccountMap:
        """The account's map, parsed. ConfigError names the line that is wrong."""
        from atsbridge.sync import parse_map

        return parse_map(self.section.map, self.account, self.spec.streams)

    @cached_property
    def mapped_fields(self) -> frozenset[str]:
        """Every "kind.field" that the account's own map supplies, interval fields included."""
        raw = self.section.map
        if not raw:
            return frozenset()
        lines = self.account_map.lines
        return frozenset((*(line.path for line in lines), *(path for path in raw if "." in path)))

    @cached_property
    def declared_sensitivity(self) -> Mapping[str, Sensitivity]:
        """ "kind.custom.KEY" and "brief.sections.NAME" -> who may read it, as the settings say."""
        from atsbridge.model import Sensitivity

        levels = self.section.sensitivity.items()
        return {path: Sensitivity[level.upper()] for path, level in levels}

    # --- people and time --------------------------------------------------------------------

    @cached_property
    def users(self) -> Mapping[str, User]:
        """The account's users by id, deleted ones left out."""
        found = self.store.history.read_records(self.account, "user")
        return {user.id: user for user in found if isinstance(user, User)}

    @cached_property
    def offices(self) -> Sequence[Office]:
        """The account's offices, deleted ones left out."""
        found = self.store.history.read_records(self.account, "office")
        return [one for one in found if isinstance(one, Office)]

    @cached_property
    def calendars(self) -> Calendars:
        """The calendars, with the zone and country of every person. Sends no request."""
        from atsbridge.context.calendars import Calendars

        year = self.time.now().year
        years = self._years or (year - 1, year, year + 1)
        holidays = self.services.plugins.holidays
        absences = self._read_absences()
        calendars = Calendars(self.settings, self.store.run_state, years, holidays, absences)
        chat = {user: str(row[0]) for user, row in self.run_state.read_chat_zones().items()}
        calendars.settle(self.users.values(), self.offices, chat, self.section)
        return calendars

    def _read_absences(self) -> Mapping[str, tuple[Absence, ...]]:
        """E-mail -> absences from calendars, plugins and the ATS, as they were last read."""
        from atsbridge.context.absence_sources import read_known_absences
        from atsbridge.context.ats_absences import add_ats_absences

        return add_ats_absences(read_known_absences(self.services), self.run_state)

    @cached_property
    def directory(self) -> Directory:
        """Who is away today, who is reached where, who answers for rules."""
        from atsbridge.context.directory import build_directory

        return build_directory(
            self.services, self.account, self.users, self.calendars, self.time.now()
        )

    def reads_answers(self, email: str) -> bool:
        """Whether a reply of that person is read: nobody reads what is answered to a mail."""
        return self.services.sink_spec(self.directory.find_sink(email)).replies

    def forget_calendars(self) -> None:
        """Build calendars and directory anew: somebody's zone became known."""
        for name in ("calendars", "directory"):
            self.__dict__.pop(name, None)

    @property
    def attention(self) -> Attention:
        """Quiet hours, the daily limit and the digest, as the settings have them."""
        from atsbridge.context.suppression import attention

        return attention(self.settings, self.calendars, self.directory)

    # --- rules and what they lean on --------------------------------------------------------

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """Every configured rule by id, in order, with the status it has on this account."""
        from atsbridge.context.effective_rules import effective_rules

        return effective_rules(
            self.services.packs.rule_set,
            self.settings.pilot.where,
            lambda rule: self.missing_signals(rule),
            lambda: self.run_state.read_memory().rules,
        )

    @cached_property
    def is_stopped(self) -> Callable[[str], bool]:
        """Whether a rule id is missing among `rules` only because of an error in its file."""
        from atsbridge.context.effective_rules import find_stopped

        return find_stopped(self.services.packs.rule_set, self.rules)

    def missing_signals(self, rule: Rule) -> tuple[str, ...]:
        """Why a live rule is evaluated as shadow on this account; () where it is not."""
        from atsbridge.context.effective_rules import missing_signals

        return missing_signals(rule, self.spec, self.mapped_fields)

    @cached_property
    def unknown_fields(self) -> frozenset[str]:
        """The "kind.field"s that cannot be believed now: not read, too old or doubted."""
        from atsbridge.sync import find_unreadable

        states, now = self.store.records.read_states(self.account), self.fetch_time.now()
        max_age = self._max_age or self.section.max_age
        return find_unreadable(states, self.spec, now, max_age, self.account_map)

    def evaluation_inputs(self, now: datetime, cases: Sequence[Case] = ()) -> EvaluationInputs:
        """What verdicts at `now` depend on. `cases`: the open cases."""
        from atsbridge.context.evaluation_inputs import EvaluationInputs

        return EvaluationInputs(
            self.account,
            self.store,
            self.spec,
            self.calendars,
            now,
            self.unknown_fields,
            opened=_opened(cases),
            market=self.services.market.data,
        )

    def suppression(self, now: datetime) -> Suppression:
        """Why nobody is notified about a rule on a subject at `now`."""
        from atsbridge.context.suppression import Suppression

        return Suppression(self.store, self.account, now)


def _opened(cases: Sequence[Case]) -> dict[tuple[str, Key], datetime]:
    return {(case.rule, case.subject): case.opened_at for case in cases}
