"""Builds a running sandbox: one company per connector, served by the connector's fake ATS."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from atsbridge.errors import ConfigError
from atsbridge.ports import ConnectorSpec
from atsbridge.sandbox.company import START, Company, CompanyProfile, build_company
from atsbridge.sandbox.running_sandbox import RunningSandbox, SandboxAccount
from atsbridge.shared_clock import SharedClock

# connector -> account
ACCOUNTS = {"greenhouse": "acme", "lever": "globex", "ashby": "initech", "files": "umbrella"}
# The `map` of an account: fields of the company that this ATS keeps in custom fields.
MAPS: dict[str, dict[str, Any]] = {
    "greenhouse": {
        "requisition.priority": "custom.priority",
        "requisition.on_hold": {"field": "custom.hiring_status", "equals": "On hold"},
    },
    "ashby": {"requisition.priority": "custom.Priority"},
}
_USUAL = 2  # connectors of `ACCOUNTS` that are served where none is named
_SMALLER = 6  # every company but the first has a sixth of its applications


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """What a sandbox is like.

    `start`: the first instant, aware UTC. `applications`: of the first company in its past 90 days;
    the other companies have a sixth of them, at least 20. `frozen`: the clock stands still until it
    is moved. `terminal`: the teams of all accounts but the first read on the terminal.
    `inbox`: a page shows what everybody received, and some people read mail. `connectors`: the
    names of those to serve, the first one for the largest company; see `choose_connectors`.
    """

    start: datetime = START
    applications: int = 800
    seed: int = 1
    frozen: bool = False
    terminal: bool = False
    inbox: bool = False
    connectors: tuple[str, ...] = ()


def choose_connectors(
    specs: Iterable[ConnectorSpec], names: Sequence[str] = ()
) -> list[ConnectorSpec]:
    """The connectors to serve: those of `names`, in that order.

    Without names: the first two of `ACCOUNTS` that are installed, and every connector that is not
    of this project. ConfigError if a name is unknown, or no connector brings a fake ATS.
    """
    found = {spec.name: spec for spec in specs if spec.fake}
    for name in names:
        if name not in found:
            raise ConfigError(
                f"no installed connector {name} brings a fake ATS",
                remedy=f"These do: {', '.join(sorted(found)) or 'none'}",
            )
    if not found:
        raise ConfigError(
            "no installed connector brings a fake ATS",
            remedy="Install one: pip install ./plugins/greenhouse",
        )
    usual = [name for name in ACCOUNTS if name in found][:_USUAL]
    others = sorted(found.keys() - ACCOUNTS.keys())
    return [found[name] for name in dict.fromkeys(names or (*usual, *others))]


def build_sandbox(
    folder: Path, specs: Iterable[ConnectorSpec], options: SandboxOptions = SandboxOptions()
) -> RunningSandbox:
    """Build a sandbox for the connectors that bring a fake ATS; its clock is a file in `folder`.

    Entering the result starts the servers. ConfigError as for `choose_connectors`.
    """
    chosen = choose_connectors(specs, options.connectors)
    clock = SharedClock(folder / "clock", options.start, frozen=options.frozen)
    companies: dict[str, Company] = {}
    accounts: dict[str, SandboxAccount] = {}
    for place, spec in enumerate(chosen):
        name = _name_account(spec.name)
        companies[name], serve = _load_fake(spec, name, place, options)
        accounts[name] = SandboxAccount(
            spec.name,
            serve,
            MAPS.get(spec.name, {}),
            write=tuple(kind for kind in spec.writes if kind == "application_note"),
            terminal=options.terminal and place > 0,
        )
    return RunningSandbox(companies, accounts, None, clock, inbox=options.inbox)


def _name_account(connector: str) -> str:
    """The name of a connector's account; a connector cannot take another's account name."""
    taken = connector in ACCOUNTS.values()
    return ACCOUNTS.get(connector, f"{connector}_ats" if taken else connector)


def _load_fake(
    spec: ConnectorSpec, account: str, place: int, options: SandboxOptions
) -> tuple[Company, Callable[..., Any]]:
    """The company, with the ids and pipeline of its vendor, and the function that serves it."""
    module_name, _, function = spec.fake.partition(":")
    module = importlib.import_module(module_name)
    applications = options.applications
    if place:
        applications = max(applications // _SMALLER, 20)
    company = build_company(
        options.seed + place,
        applications=applications,
        people=25 if applications >= 500 else 12,
        start=options.start,
        profile=CompanyProfile(
            module.company_ids,
            getattr(module, "PIPELINE", "per_requisition"),
            domain=f"{account}.example",
        ),
    )
    return company, getattr(module, function)
