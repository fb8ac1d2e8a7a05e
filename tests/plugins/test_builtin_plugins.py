"""The built-in sinks, kinds and packs are there, or the command says why not."""

from __future__ import annotations

import sys
from importlib import metadata
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

from atsbridge.errors import ConfigError
from atsbridge.hookspecs import hookimpl
from atsbridge.plugins import BUILTIN, GROUP, discover
from atsbridge.ports.sink import SinkSpec


class Point:
    """An entry point; a built-in one where `value` is what ours have."""

    def __init__(self, name: str, module: ModuleType | Exception, value: str = "acme") -> None:
        self.name = name
        self.value = value
        self._module = module

    def load(self) -> Any:
        if isinstance(self._module, Exception):
            raise self._module
        return self._module


def ours() -> list[Any]:
    """The entry points of atsbridge itself."""
    return [one for one in metadata.entry_points(group=GROUP) if one.name in BUILTIN]


def brings(name: str) -> ModuleType:
    """A plugin with one sink of that name."""

    def open_it(settings: Any, tools: Any) -> Any:
        raise AssertionError("not opened here")

    spec = SinkSpec(name=name, title="not ours", settings=BaseModel, open=open_it)
    made = ModuleType("made")
    vars(made)["ATSBRIDGE_API"] = 1
    vars(made)["atsbridge_sinks"] = hookimpl(lambda: [spec])
    return made


@pytest.mark.parametrize("name", sorted(BUILTIN))
@pytest.mark.parametrize(
    "error",
    [
        ModuleNotFoundError("No module named 'urllib3'"),
        ImportError("cannot import name 'x' from 'pydantic'"),
        AttributeError("module 'holidays' has no attribute 'x'"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_built_in_plugin_that_cannot_be_imported_ends_the_command(
    name: str, error: Exception
) -> None:
    """It is never left out: the rest would look like all there is."""
    with pytest.raises(ConfigError, match=f"built-in {name} cannot be loaded") as caught:
        discover([Point(name, error, BUILTIN[name])])
    assert str(error) in caught.value.what
    assert caught.value.remedy


@pytest.mark.parametrize(
    "sink",
    [
        "ats_note",
        "slack.slack_sink",
        "mail.mail_sink",
        "teams.teams_sink",
        "webhook",
        "console",
    ],
)
def test_a_built_in_sink_that_cannot_be_imported_ends_the_command(
    monkeypatch: pytest.MonkeyPatch, sink: str
) -> None:
    """They are imported one by one: those behind the broken one must not vanish with it."""
    monkeypatch.setitem(sys.modules, f"atsbridge.sinks.{sink}", None)
    found = discover()
    with pytest.raises(ConfigError, match="built-in sinks cannot be loaded"):
        found.sinks()
    with pytest.raises(ConfigError, match="built-in sinks cannot be loaded"):
        found.sink("of another plugin")


@pytest.mark.parametrize("error", [ImportError("no acme_sdk"), AttributeError("acme")])
def test_a_plugin_of_others_under_a_built_in_name_costs_only_itself(error: Exception) -> None:
    """The name alone makes nobody one of ours; and ours keep their names."""
    for stranger in (Point("sinks", error), Point("sinks", brings("acme"))):
        found = discover([stranger, *ours()])
        assert {"slack", "email", "teams", "webhook"} <= set(found.sinks())
        assert [one.plugin for one in found.troubles] == ["sinks"]
        assert found.troubles[0].what == "another plugin has this name"


def test_a_built_in_sink_keeps_its_name() -> None:
    """Whatever the other plugin is called: the list and the one asked for by name are ours."""
    found = discover([Point("aaa", brings("slack")), *ours()])
    assert found.sinks()["slack"].title != "not ours"
    assert found.sink("slack") is found.sinks()["slack"]
    assert [one.plugin for one in found.troubles] == ["aaa"]


@pytest.mark.parametrize("missing", [{"sinks"}, {"rules"}, {"sinks", "rules"}])
def test_an_installation_without_our_entry_points_is_incomplete(
    monkeypatch: pytest.MonkeyPatch, missing: set[str]
) -> None:
    """Metadata of an older or half-written installation: nothing runs without sinks or kinds."""
    left = [one for one in ours() if one.name not in missing]
    monkeypatch.setattr(metadata, "entry_points", lambda group: left)
    with pytest.raises(ConfigError, match="not registered") as caught:
        discover()
    assert "reinstall" in caught.value.remedy.lower()
