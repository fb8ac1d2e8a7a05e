"""Every hook that a plugin may implement, on one page.

A plugin is a module behind the entry point group "atsbridge" that sets `ATSBRIDGE_API = 1` and
implements any of these with `@hookimpl`. What the pieces must be able to do is in `ports`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

from atsbridge.ports import AnyRuleKind, ConnectorSpec, SinkSpec

if TYPE_CHECKING:
    from atsbridge.model import Key

# The number of the plugin API. A plugin sets the same number in its module; see docs/api.md.
ATSBRIDGE_API = 1
hookspec = pluggy.HookspecMarker("atsbridge")
hookimpl = pluggy.HookimplMarker("atsbridge")


@hookspec
def atsbridge_connectors() -> Iterable[ConnectorSpec]:
    """Connectors: the ATSs that this plugin can read.

    def atsbridge_connectors():
        return [ConnectorSpec(name="acme", title="Acme ATS", ...)]
    """
    raise NotImplementedError


@hookspec
def atsbridge_sinks() -> Iterable[SinkSpec]:
    """Kinds of sink: services that deliver notices.

    def atsbridge_sinks():
        return [SinkSpec(name="pager", title="Pager", settings=PagerSettings, open=Pager)]
    """
    raise NotImplementedError


@hookspec
def atsbridge_rule_kinds() -> Iterable[AnyRuleKind]:
    """Kinds of rule.

    def atsbridge_rule_kinds():
        return [LimitKind()]
    """
    raise NotImplementedError


@hookspec
def atsbridge_rule_packs() -> Mapping[str, Path]:
    """Packs that `[rules] packs` may name, by name.

    def atsbridge_rule_packs():
        return {"acme:law": Path(__file__).parent / "law.yaml"}
    """
    raise NotImplementedError


@hookspec
def atsbridge_market_tables() -> Mapping[str, Path]:
    """Market tables (CSV) that `[rules] market` may name, by name.

    def atsbridge_market_tables():
        return {"survey-2026": Path(__file__).parent / "survey.csv"}
    """
    raise NotImplementedError


@hookspec
def atsbridge_briefs(account: str, requisition: Key) -> Mapping[str, Any] | None:
    """The intake brief of a requisition from another tool: section -> text. None: it has none.

    def atsbridge_briefs(account, requisition):
        return wiki.brief(requisition.id)
    """


@hookspec
def atsbridge_holidays(country: str, year: int, region: str) -> Mapping[str, str] | None:
    """Days off beyond the public holidays: yyyy-mm-dd -> name.

    `country`: ISO 3166 code. `region`: such as "BY", or "".

    def atsbridge_holidays(country, year):
        return {f"{year}-12-24": "Company closing"}
    """


@hookspec
def atsbridge_recipient(account: str, email: str, sink: str) -> str | None:
    """The address of a person in a sink, if it cannot be found by their e-mail address.

    def atsbridge_recipient(account, email, sink):
        return directory.get(email) if sink == "slack" else None
    """


@hookspec
def atsbridge_people() -> Mapping[str, Mapping[str, str]]:
    """People from a directory: e-mail -> any of manager, timezone, country, region, calendar,
    delegate, chat, prefer, as in `[people]`. For each key, the settings take precedence.

    Called once per command. If the directory is slow, cache its answer.

    def atsbridge_people():
        return {"kim@acme.example": {"manager": "lee@acme.example", "timezone": "Europe/Lisbon"}}
    """
    raise NotImplementedError


@hookspec
def atsbridge_absences() -> Mapping[str, Iterable[tuple[date, date]]]:
    """Days off from a leave system: e-mail -> (first day, last day) of each absence, both included.

    Called about once an hour (`[absences] every`). Absences of the settings and of calendars count,
    too. If the plugin fails, its last answer counts for a week.

    def atsbridge_absences():
        return {"kim@acme.example": [(date(2026, 8, 3), date(2026, 8, 14))]}
    """
    raise NotImplementedError


@hookspec
def atsbridge_tick_finished(summary: Mapping[str, Any]) -> None:
    """A run ended. `summary` is the document that `run --json` prints, without texts of messages.

    Log, metrics and ping follow, so `report_failures` is empty.

    def atsbridge_tick_finished(summary):
        statsd.gauge("atsbridge.cases.open", sum(one["open"] for one in summary["accounts"]))
    """
