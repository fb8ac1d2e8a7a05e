"""Checks of a connector's spec: its streams, its settings, and the rules it supports."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence

import pytest
from pydantic import SecretStr, ValidationError

from atsbridge.model import KINDS
from atsbridge.net import COMMON
from atsbridge.ports import ConnectorSpec, Stream, creators
from atsbridge.rules import Coverage, CoverageLevel, coverage
from atsbridge.testing.connector_world import ConnectorWorld, FakeAccount
from atsbridge.testing.pytest_plugin import LIGHTS

_TELLING = ("secret", "token", "password", "key")


def builtin(spec: ConnectorSpec) -> list[Coverage]:
    """How far the connector supports every built-in rule."""
    from atsbridge.rules import BUILTIN_KINDS, discovery, load

    folder = discovery.builtin_folder()
    texts = discovery.texts(sorted(folder.glob("*.yaml")), folder)
    rules = load(texts, {kind.name: kind for kind in BUILTIN_KINDS}).rules
    return [coverage(rule, spec) for rule in rules.values() if rule.status != "retired"]


def unclear(streams: Sequence[Stream]) -> Iterator[str]:
    """Find errors in which streams create which kinds of record (`Stream.creates`)."""
    made = creators(streams)
    owners: dict[str, list[Stream]] = {}
    for stream in streams:
        for kind in stream.owns:
            owners.setdefault(kind, []).append(stream)
        for kind in set(stream.creates or ()) - set(stream.owns):
            yield f"{stream.name} creates {kind}, of which it owns no column"
        owned = {f"{kind}.{column}" for kind, columns in stream.owns.items() for column in columns}
        for path in set(stream.absent_is_fact) - owned:
            yield f"{stream.name} shows every {path}, which it does not own"
        main = next(iter(stream.owns), "")
        deletes = stream.reconciliation.complete or stream.reconciliation.open_records
        if deletes and main and main not in made[stream.name]:
            yield f"{stream.name} tells what is deleted, so it must create {main}"
    for kind, several in owners.items():
        create = [s for s in several if kind in made[s.name]]
        if not create:
            yield f"no stream creates a {kind}: name it in `creates` of the one that lists them all"
        guessed = [s for s in create if s.creates is None]
        if len({frozenset(s.owns[kind]) for s in guessed}) > 1:
            names = ", ".join(s.name for s in guessed)
            yield f"{names} own as many columns of {kind}: say in `creates` which list makes them"


class DataChecks(ConnectorWorld):
    """The spec is complete, and declares its gaps."""

    def test_every_field_is_owned_or_declared(self) -> None:
        """A field that no list fills has a signal with the reason."""
        owned = {f"{k}.{c}" for s in self.spec.streams for k, cs in s.owns.items() for c in cs}
        for kind in KINDS.values():
            for name in set(kind.supplied) - COMMON:
                path = f"{kind.name}.{name}"
                known = path in owned or path in self.spec.signals
                assert known, f"{path}: own it in a stream, or say why not (net.signals.silent)"
        for path, signal in self.spec.signals.items():
            kind_name, _, column = path.partition(".")
            assert column in KINDS[kind_name].fields, f"signals name {path}, which is no field"
            assert signal.why, f"signal {path} has no why"

    def test_streams_hold_together(self) -> None:
        """Names are unique, owned columns exist, parents come before their children."""
        names = [stream.name for stream in self.spec.streams]
        assert len(set(names)) == len(names)
        for stream in self.spec.streams:
            above = any(s.parent and s.parent.stream == stream.name for s in self.spec.streams)
            assert stream.owns or above, f"stream {stream.name} owns nothing"
            for kind, columns in stream.owns.items():
                unknown = set(columns) - set(KINDS[kind].supplied)
                assert not unknown, f"{stream.name} owns {kind} columns nobody knows: {unknown}"
            if stream.parent is not None:
                assert stream.parent.stream in names[: names.index(stream.name)]

    def test_every_record_has_a_list_that_creates_it(self) -> None:
        """Only that list restores a deleted record, and only it decides what is deleted."""
        assert list(unclear(self.spec.streams)) == []

    def test_what_a_stream_needs_is_named(self) -> None:
        """`scope` is the permission that `doctor` names."""
        assert [s.name for s in self.spec.streams if not s.scope] == []

    def test_secrets_are_typed_and_unknown_settings_refused(self, shared: FakeAccount) -> None:
        """A setting that holds a secret is a SecretStr; no message repeats a value."""
        fields = self.spec.settings.model_fields
        for name, info in fields.items():
            if any(part in name for part in _TELLING) and "url" not in name:
                assert info.annotation is SecretStr, f"setting {name} must be a SecretStr"
        assert shared.secrets, "an ATS without a credential? No setting is a SecretStr"
        assert "base_url" in fields, "a fake could not stand in without base_url"
        with pytest.raises(ValidationError) as caught:
            self.spec.settings.model_validate({**shared.settings, "no_such_setting": "planted-9"})
        assert "planted-9" not in str(caught.value)
        for secret in shared.secrets.values():
            assert secret not in f"{caught.value} {shared.options!r} {shared.options}"

    def test_it_comes_with_a_fake(self) -> None:
        """`spec.fake` leads to `serve`; `company_ids` beside it makes ids as the vendor does."""
        module, _, name = self.spec.fake.partition(":")
        assert callable(getattr(importlib.import_module(module), name))
        assert callable(importlib.import_module(module).company_ids)

    def test_rules_it_lights_up(self, record_property: Callable[[str, object], None]) -> None:
        """Prints at the end how far each rule is supported, and why."""
        found = builtin(self.spec)
        table = [[one.level.label, one.rule, *one.why] for one in found]
        record_property(LIGHTS, [self.spec.title, table])
        assert all(one.level is CoverageLevel.FULL or one.why for one in found)
