"""Plugins are found, checked and isolated."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

from atsbridge.hookspecs import hookimpl
from atsbridge.model.record import Key
from atsbridge.plugins import Trouble, discover
from atsbridge.ports.connector import ConnectorSpec


class Point:
    """An entry point that is not installed."""

    def __init__(self, name: str, module: ModuleType | Exception) -> None:
        self.name = name
        self._module = module

    def load(self) -> Any:
        if isinstance(self._module, Exception):
            raise self._module
        return self._module


def spec(name: str) -> ConnectorSpec:
    def open_it(settings: Any, tools: Any) -> Any:
        raise AssertionError("not opened here")

    return ConnectorSpec(name=name, title=name, settings=BaseModel, streams=(), open=open_it)


def module(api: int | None = 1, **members: Any) -> ModuleType:
    made = ModuleType("made")
    if api is not None:
        vars(made)["ATSBRIDGE_API"] = api
    for name, member in members.items():
        vars(made)[name] = hookimpl(member) if callable(member) else member
    return made


def connector(*names: str) -> ModuleType:
    return module(atsbridge_connectors=lambda: [spec(name) for name in names])


def test_what_a_plugin_brings_is_there_by_name() -> None:
    """A connector is found under the name its spec gives."""
    plugins = discover([Point("one", connector("acme"))])
    assert set(plugins.connectors()) == {"acme"}
    assert plugins.installed[0].hooks == ("atsbridge_connectors",)
    assert plugins.troubles == []


def test_a_plugin_that_raises_is_named_and_the_others_go_on() -> None:
    """One implementation after the other: an exception costs only the plugin that raised it."""

    def broken() -> Any:
        raise RuntimeError("no license")

    plugins = discover(
        [Point("bad", module(atsbridge_connectors=broken)), Point("good", connector("acme"))]
    )
    assert set(plugins.connectors()) == {"acme"}
    assert plugins.troubles == [
        Trouble(
            "bad",
            "atsbridge_connectors raised RuntimeError: no license",
            "Its other parts stay in use",
        )
    ]


@pytest.mark.parametrize(
    ("broken", "what", "remedy"),
    [
        (
            ImportError("no module named acme_sdk"),
            "cannot be loaded: ImportError: no module named acme_sdk",
            "Reinstall or remove it",
        ),
        (
            module(api=2),
            "is built for plugin API 2, this atsbridge has 1",
            "Install a version that sets ATSBRIDGE_API = 1",
        ),
        (
            module(api=None),
            "does not say which plugin API it is for",
            "Install a version that sets ATSBRIDGE_API = 1",
        ),
        (
            module(atsbridge_conectors=lambda: iter(())),
            "there is no hook atsbridge_conectors",
            'Did you mean "atsbridge_connectors"?',
        ),
    ],
)
def test_a_plugin_that_does_not_fit_is_reported_by_name(
    broken: ModuleType | Exception, what: str, remedy: str
) -> None:
    """Not loadable, another API, no API, a misspelled hook: each one sentence and a remedy."""
    plugins = discover([Point("bad", broken), Point("good", connector("acme"))])
    assert Trouble("bad", what, remedy) in plugins.troubles
    assert set(plugins.connectors()) == {"acme"}


def test_a_hook_with_foreign_arguments_is_reported() -> None:
    """An implementation that asks for an argument no hook gives is left out."""
    plugins = discover([Point("bad", module(atsbridge_connectors=lambda wish: []))])
    assert plugins.installed == []
    assert "does not fit the hooks" in plugins.troubles[0].what
    assert "wish" in plugins.troubles[0].what


def test_a_name_brought_twice_stays_with_the_first() -> None:
    """Two plugins with one connector name: the first by name keeps it, the second is told of."""
    plugins = discover([Point("b", connector("acme")), Point("a", connector("acme", "globex"))])
    assert set(plugins.connectors()) == {"acme", "globex"}
    assert plugins.troubles == [
        Trouble(
            "b",
            "connectors: the name 'acme' is taken already",
            "Uninstall one of the two plugins",
        )
    ]


def test_something_that_is_no_connector_is_reported() -> None:
    """A hook that answers with the wrong thing costs that thing only."""
    plugins = discover([Point("odd", module(atsbridge_connectors=lambda: ["acme"]))])
    assert plugins.connectors() == {}
    assert plugins.troubles[0].what == "atsbridge_connectors gave a str"


def test_holidays_recipients_and_observers_are_asked_one_by_one() -> None:
    """Hooks with arguments get them by name; observers get the document of the run."""
    heard: list[Any] = []

    def recipient(email: str, sink: str) -> str | None:
        return f"{sink}:{email}"

    plugins = discover(
        [
            Point(
                "company",
                module(
                    atsbridge_holidays=lambda country, year: {f"{year}-12-24": country},
                    atsbridge_recipient=recipient,
                    atsbridge_tick_finished=lambda summary: heard.append(summary),
                ),
            )
        ]
    )
    plugins.tick_finished({"exit": 0})
    assert plugins.holidays("PT", 2026) == {"2026-12-24": "PT"}
    assert plugins.recipient("acme", "kim@acme.example", "slack") == "slack:kim@acme.example"
    assert heard == [{"exit": 0}]


@pytest.mark.parametrize("given", [{"2026-13-45": "x"}, {"Christmas": "x"}, ["2026-12-24"], 7])
def test_holidays_that_are_none_cost_only_themselves(given: Any) -> None:
    """A plugin that answers with no days is named; the others' days count."""
    plugins = discover(
        [
            Point("bad", module(atsbridge_holidays=lambda year: given)),
            Point(
                "good", module(atsbridge_holidays=lambda year, region: {f"{year}-12-24": region})
            ),
        ]
    )
    assert plugins.holidays("DE", 2026, "BY") == {"2026-12-24": "BY"}
    assert [one.plugin for one in plugins.troubles] == ["bad"]


def test_market_tables_come_by_name() -> None:
    """The first plugin to bring a name keeps it; one that breaks costs only itself."""

    def broken() -> Any:
        raise OSError("no disk")

    plugins = discover(
        [
            Point("a", module(atsbridge_market_tables=lambda: {"survey": "/a.csv"})),
            Point("b", module(atsbridge_market_tables=lambda: {"survey": "/b.csv", "x": "/x.csv"})),
            Point("c", module(atsbridge_market_tables=broken)),
        ]
    )
    assert {name: str(path) for name, path in plugins.market_tables().items()} == {
        "survey": "/a.csv",
        "x": "/x.csv",
    }
    assert [trouble.plugin for trouble in plugins.troubles] == ["b", "c"]


def test_the_first_plugin_that_has_a_brief_gives_it() -> None:
    """One that breaks, or gives no block of keys, is named; who has none is passed over."""
    key = Key("acme", "requisition", "7")

    def broken(account: str, requisition: Key) -> Any:
        raise OSError("wiki is down")

    def none(account: str, requisition: Key) -> Any:
        return None

    plugins = discover(
        [
            Point("a", module(atsbridge_briefs=broken)),
            Point("b", module(atsbridge_briefs=none)),
            Point("c", module(atsbridge_briefs=lambda requisition: ["must_haves"])),
            Point("d", module(atsbridge_briefs=lambda requisition: {"must_haves": requisition.id})),
        ]
    )
    assert plugins.keeps_briefs
    assert plugins.brief("acme", key) == {"must_haves": "7"}
    assert [trouble.plugin for trouble in plugins.troubles] == ["a", "c"]
    assert not discover([]).keeps_briefs


def test_the_hooks_of_one_plugin_are_called_one_at_a_time() -> None:
    """Accounts run in threads: none of two calls finds the other inside."""
    both = threading.Barrier(2)

    def meet(account: str, email: str, sink: str) -> str:
        with suppress(threading.BrokenBarrierError):
            both.wait(0.2)
            return "met"
        return "alone"

    plugins = discover([Point("one", module(atsbridge_recipient=meet))])
    with ThreadPoolExecutor(2) as pool:
        accounts = ("acme", "globex")
        calls = [pool.submit(plugins.recipient, a, "kim@acme.example", "chat") for a in accounts]
        assert [one.result(10) for one in calls] == ["alone", "alone"]
    assert plugins.troubles == []
