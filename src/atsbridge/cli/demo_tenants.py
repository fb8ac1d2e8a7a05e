"""The sandbox as the commands start it: two tenants, each spoken by its connector's own fake.

What lives in it is `sandbox`'s; the fakes come from whatever connectors are installed.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from atsbridge.errors import ConfigError
from atsbridge.plugins import discover
from atsbridge.ports import ConnectorSpec
from atsbridge.sandbox import START, Company, Standing, Tenant
from atsbridge.shared_clock import SharedClock

TENANTS = {"greenhouse": "acme", "lever": "globex"}  # connector -> account
# What an account's map says of the company's own fields, where the ATS has no field for it.
MAPS: dict[str, dict[str, Any]] = {
    "greenhouse": {
        "requisition.priority": "custom.priority",
        "requisition.on_hold": {"field": "custom.hiring_status", "equals": "On hold"},
    }
}
SMALLER = 6  # the second company is a sixth of the first


def standing(
    folder: Path,
    *,
    start: datetime = START,
    applications: int = 800,
    seed: int = 1,
    frozen: bool = False,
    terminal: bool = False,
) -> Standing:
    """A sandbox for the installed connectors that bring a fake, with its clock in `folder`.

    The first company has `applications` applications, the others a sixth of it. `terminal`: the
    teams of all but the first read on the terminal.
    """
    specs = [s for s in discover().connectors().values() if s.fake]
    if not specs:
        raise ConfigError(
            "no installed connector brings a fake ATS",
            remedy="Install one: pip install ./plugins/greenhouse",
        )
    specs.sort(key=lambda spec: (spec.name not in TENANTS, spec.name))
    clock = SharedClock(folder / "clock", start, frozen=frozen)
    companies: dict[str, Company] = {}
    tenants: dict[str, Tenant] = {}
    for place, spec in enumerate(specs):
        account = _account(spec.name)
        size = applications if place == 0 else max(applications // SMALLER, 20)
        companies[account], serve = _fake(spec, account, size, seed + place, start)
        tenants[account] = Tenant(
            spec.name,
            serve,
            MAPS.get(spec.name, {}),
            write=tuple(word for word in spec.writes if word == "application_note"),
            terminal=terminal and place > 0,
        )
    return Standing(companies, tenants, None, clock)


def _account(connector: str) -> str:
    """The account a connector serves here; one that is called like another's has its own."""
    taken = connector in TENANTS.values()
    return TENANTS.get(connector, f"{connector}_ats" if taken else connector)


def _fake(
    spec: ConnectorSpec, account: str, applications: int, seed: int, start: datetime
) -> tuple[Company, Callable[..., Any]]:
    """The company in the ids and pipeline of its vendor, and the function that serves it."""
    module_name, _, name = spec.fake.partition(":")
    module = importlib.import_module(module_name)
    company = Company(
        seed,
        applications=applications,
        people=25 if applications >= 500 else 12,
        start=start,
        new_id=module.company_ids,
        pipeline=getattr(module, "PIPELINE", "per_requisition"),
        domain=f"{account}.example",
    )
    return company, getattr(module, name)
