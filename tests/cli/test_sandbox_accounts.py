"""The sandbox's accounts: one for each connector that is installed, whatever it is called."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from atsbridge.cli.demo_tenants import standing
from atsbridge.plugins import Plugins, discover
from atsbridge.ports.connector import ConnectorSpec


@pytest.mark.parametrize(("name", "account"), [("acme", "acme_ats"), ("beacon", "beacon")])
def test_a_connector_takes_nobodys_account(
    name: str, account: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is called like an account of the sandbox stands beside it."""
    found = discover().connectors()
    third = dataclasses.replace(found["lever"], name=name)
    specs: dict[str, ConnectorSpec] = {**found, name: third}
    monkeypatch.setattr(Plugins, "connectors", lambda _: specs)
    with standing(tmp_path, applications=20, frozen=True) as world:
        served = {one: world.tenants[one].connector for one in world.fakes}
    assert served == {"acme": "greenhouse", "globex": "lever", account: name}
