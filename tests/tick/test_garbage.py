"""Garbage is left alone while a command loads, and looked for from its first run on."""

from __future__ import annotations

import gc

import pytest

from atsbridge.tick.runner import _collect_from_now


def test_what_a_command_loaded_is_frozen_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is frozen is never freed: a second run of the process must not freeze the first's."""
    frozen: list[str] = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append("frozen"))
    gc.disable()
    _collect_from_now()
    assert gc.isenabled()
    _collect_from_now()
    assert frozen == ["frozen"]


def test_garbage_is_looked_for_less_often_than_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """A first run keeps its verdicts to the end: looking through them again finds nothing."""
    chosen: list[int] = []
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(gc, "set_threshold", chosen.append)
    gc.disable()
    _collect_from_now()
    assert chosen[0] >= 20_000
