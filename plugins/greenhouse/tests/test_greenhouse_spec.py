"""The connector as data holds together: what it owns, what it says it cannot, what it asks for."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from pydantic import ValidationError

import atsbridge_greenhouse
from atsbridge.model.catalog import KINDS, every_field
from atsbridge.ports.connector import ConnectorSpec
from atsbridge.ports.stream import SignalHistory, Stream
from atsbridge_greenhouse.fake.api import RESOURCES
from atsbridge_greenhouse.refreshing import PLANS
from atsbridge_greenhouse.requisitions import MANAGER_PREFIX
from atsbridge_greenhouse.settings import GreenhouseSettings
from atsbridge_greenhouse.spec import SPEC

each_stream = pytest.mark.parametrize("stream", SPEC.streams, ids=lambda s: s.name)
_EVERYWHERE = {"created_at", "updated_at", "custom", "url"}


def test_the_plugin_gives_one_connector() -> None:
    """By the hook, under the number of the plugin API."""
    found = list(atsbridge_greenhouse.atsbridge_connectors())
    assert [type(spec) for spec in found] == [ConnectorSpec]
    assert (atsbridge_greenhouse.ATSBRIDGE_API, found[0].name) == (1, "greenhouse")


def test_importing_the_plugin_is_cheap() -> None:
    """Nothing heavy is loaded until the connector is asked for."""
    heavy = ("requests", "pydantic", "msgspec", "sqlalchemy")
    script = f"import sys, atsbridge_greenhouse; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)  # noqa: S603
    assert done.stdout.strip() == b"[]"


def test_every_field_is_owned_or_explained() -> None:
    """What the model has and Greenhouse does not is declared, with why."""
    owned = {f"{k}.{c}" for s in SPEC.streams for k, cs in s.owns.items() for c in cs}
    supplied = {
        f"{kind.name}.{name}"
        for kind in KINDS.values()
        for name in set(kind.supplied) - _EVERYWHERE
    }
    derived = {field.path for field in every_field() if field.derived}
    absent = {path for path, signal in SPEC.signals.items() if signal.history is SignalHistory.NONE}
    absent -= derived  # on hold: spans of a status that Greenhouse itself never says
    some_accounts = {
        f"{k}.{c}" for s in SPEC.streams if s.only_if_mapped for k, cs in s.owns.items() for c in cs
    }
    assert supplied - owned == absent - some_accounts
    assert SPEC.signals.keys() <= {field.path for field in every_field()}
    assert all(signal.why for signal in SPEC.signals.values())


def test_two_streams_never_own_one_column() -> None:
    """But for the hiring team: two lists whose records never meet, their ids being marked."""
    owners = Counter((k, c) for s in SPEC.streams for k, cs in s.owns.items() for c in cs)
    twice = {kind for (kind, _), count in owners.items() if count > 1}
    assert twice == {"team_member"}
    assert not MANAGER_PREFIX.isdigit()


@each_stream
def test_a_stream_asks_only_for_what_it_maps(stream: Stream) -> None:
    """`fields` names documented members that the row has, at most 50; pages are full ones."""
    fields = stream.params["fields"].split(",")
    assert set(fields) <= set(stream.row.__struct_fields__)
    assert set(fields) <= set(RESOURCES[stream.path].members)
    assert len(fields) <= 50
    assert stream.params["per_page"] == "500"
    assert stream.scope == f"harvest:{stream.path}:list"


@each_stream
def test_volatile_and_private_members_are_never_asked_for(stream: Stream) -> None:
    """What changes by itself would make every row look changed; free text is not ours to read."""
    never = {"days_in_stage", "notes", "private_notes", "public_notes", "answers", "body"}
    never |= {"email_addresses", "phone_numbers", "addresses", "location_address"}
    assert not never & set(stream.params["fields"].split(","))


def test_parents_stand_before_their_children() -> None:
    """And take no more than one request can."""
    names = [s.name for s in SPEC.streams]
    for stream in SPEC.streams:
        if stream.parent is not None:
            assert names.index(stream.parent.stream) < names.index(stream.name)
            assert stream.parent.batch == 50


def test_every_kind_can_be_refreshed() -> None:
    """By plans whose steps build on one another; the hiring team comes with its requisition."""
    kinds = {kind for s in SPEC.streams for kind in s.owns}
    assert kinds - PLANS.keys() == {"team_member"}
    for kind, steps in PLANS.items():
        done: set[str] = set()
        for step in steps:
            assert kind in SPEC.stream(step.stream).owns or step.source
            assert not step.source or step.source in done
            done.add(step.stream)


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_secret": ""},
        {"client_id": " "},
        {"base_url": "harvest.greenhouse.io"},
        {"sub": "me@acme.example"},
        {"api_key": "x"},
    ],
)
def test_settings_refuse_what_cannot_work(wrong: dict[str, str]) -> None:
    """Unknown keys too; and no message repeats a value."""
    good = {"client_id": "acme-1", "client_secret": "planted-secret-0815"}
    settings = GreenhouseSettings.model_validate(good)
    assert "planted" not in repr(settings)
    with pytest.raises(ValidationError) as caught:
        GreenhouseSettings.model_validate({**good, **wrong})
    assert "planted" not in str(caught.value)
