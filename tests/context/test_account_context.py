"""Everything about one account for one run, read once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from atsbridge.app.composition_root import open_services
from atsbridge.context.account_context import AccountContext
from atsbridge.context.locations import learn_zones
from atsbridge.context.services import Services
from atsbridge.errors import ConfigError
from atsbridge.model.organization import User
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
CONFIG = """\
[store]
url = "sqlite:///store.db"
[accounts.acme]
connector = "greenhouse"
base_url = "http://127.0.0.1:9"
client_id = "planted-id"
client_secret = "planted-secret"
[accounts.acme.map]
"requisition.priority" = "custom.priority"
[sinks.console]
kind = "console"
[teams.ops]
sink = "console"
to = "channel:#ops"
[notify]
dm = ["console"]
ops = "ops"
"""


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    (tmp_path / "atsbridge.toml").write_text(CONFIG, "utf-8")
    with open_services(tmp_path / "atsbridge.toml", ManualTime(NOW)) as services:
        yield services


@dataclass
class Counted:
    """A store that counts what is read of people."""

    store: Any
    reads: Counter[str] = field(default_factory=Counter)

    def __getattr__(self, name: str) -> Any:
        return self if name == "history" else getattr(self.store, name)

    def read_records(self, account: str, kind: str) -> list[Any]:
        self.reads[kind] += 1
        return [User(account=account, id="u1", email="ana@acme.example")] if kind == "user" else []


def test_an_account_that_is_not_configured_is_an_error(services: Services) -> None:
    with pytest.raises(ConfigError, match="globex"):
        _ = AccountContext(services, "globex").section


def test_the_map_is_parsed_once(services: Services) -> None:
    """And tells which fields it supplies."""
    context = AccountContext(services, "acme")
    assert context.account_map is context.account_map
    assert context.mapped_fields == {"requisition.priority"}


def test_people_are_read_once_and_calendars_anew_when_a_zone_is_learned(
    services: Services,
) -> None:
    """However many parts of a run use them."""
    counted = Counted(services.store)
    object.__setattr__(services, "open_store", lambda: counted)
    context = AccountContext(services, "acme")
    first = context.calendars
    assert context.directory.users is context.users
    assert (context.calendars is first, counted.reads["user"]) == (True, 1)
    context.run_state.write_chat_zones({"u1": ["Europe/Lisbon", NOW.isoformat()]})
    context.forget_calendars()
    assert context.calendars.locales["u1"].zone == "Europe/Lisbon"
    assert counted.reads["user"] == 1
    assert not learn_zones(context, ["u1"])


def test_data_age_goes_by_the_clock_of_the_sync(services: Services) -> None:
    """A dry run may evaluate at another instant than it reads at."""
    fetched = ManualTime(NOW + timedelta(days=1))
    context = AccountContext(services, "acme", fetch_time=fetched)
    assert (context.time.now(), context.fetch_time.now()) == (NOW, NOW + timedelta(days=1))
    assert AccountContext(services, "acme").fetch_time is services.time
    assert context.unknown_fields  # nothing was read yet
