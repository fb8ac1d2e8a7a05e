"""The sandbox has one account for each installed connector with a fake."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from atsbridge.errors import ConfigError
from atsbridge.plugins import discover
from atsbridge.sandbox.sandbox_builder import SandboxOptions, build_sandbox, choose_connectors


@pytest.mark.parametrize(("name", "account"), [("acme", "acme_ats"), ("beacon", "beacon")])
def test_a_connector_does_not_take_the_account_of_another(
    name: str, account: str, tmp_path: Path
) -> None:
    """A connector that is named like an account of the sandbox gets another account name."""
    found = discover().connectors()
    specs = [*found.values(), dataclasses.replace(found["lever"], name=name)]
    with build_sandbox(tmp_path, specs, SandboxOptions(applications=20, frozen=True)) as sandbox:
        served = {one: sandbox.accounts[one].connector for one in sandbox.fakes}
    assert served == {"acme": "greenhouse", "globex": "lever", account: name}


def test_a_usual_sandbox_has_two_connectors_of_ours() -> None:
    """A third one is served if it is named, or if one of the two is not installed."""
    found = discover().connectors()
    everyone = [found[name] for name in ("ashby", "greenhouse", "lever")]
    assert [one.name for one in choose_connectors(everyone)] == ["greenhouse", "lever"]
    assert [one.name for one in choose_connectors(everyone[:2])] == ["greenhouse", "ashby"]
    named = choose_connectors(everyone, ["ashby", "greenhouse", "ashby"])
    assert [one.name for one in named] == ["ashby", "greenhouse"]


def test_a_connector_that_is_not_there_is_named_with_those_that_are() -> None:
    """The error lists what can be served."""
    found = discover().connectors()
    with pytest.raises(ConfigError) as caught:
        choose_connectors([found["ashby"], found["lever"]], ["beacon"])
    assert "beacon" in caught.value.what
    assert caught.value.remedy == "These do: ashby, lever"


def test_without_a_fake_there_is_no_sandbox(tmp_path: Path) -> None:
    """The error says what to install."""
    with pytest.raises(ConfigError, match="pip install"):
        build_sandbox(tmp_path, [])
