"""Managers: the settings say who they are, else the ATS."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from atsbridge.context import directory
from atsbridge.model.organization import User
from atsbridge.settings.settings_loader import load

TOML = """
[accounts.acme]
connector = "lever"
[people."ana@acme.example"]
manager = "lee@acme.example"
"""


def user(name: str, manager: str | None = None) -> User:
    address = f"{name}@acme.example"
    return User(account="acme", id=name[0], name=name, email=address, active=True, manager=manager)


def managers(folder: Path, *people: User) -> dict[str, str]:
    """First name -> first name of the manager."""
    config = folder / "atsbridge.toml"
    config.write_text(TOML, "utf-8")
    services: Any = SimpleNamespace(settings=load(config))
    found = directory._read_managers(services, {one.id: one for one in people})
    return {one.partition("@")[0]: above.partition("@")[0] for one, above in found.items()}


def test_the_ats_names_managers_where_the_settings_do_not(tmp_path: Path) -> None:
    people = user("ana", "m"), user("bo", "m"), user("mia"), user("lee")
    assert managers(tmp_path, *people) == {"ana": "lee", "bo": "mia"}


def test_a_mapped_field_may_hold_the_address(tmp_path: Path) -> None:
    people = user("bo", " Mia@ACME.example "), user("mia")
    assert managers(tmp_path, *people) == {"ana": "lee", "bo": "mia"}


def test_a_manager_who_cannot_be_found_is_none(tmp_path: Path) -> None:
    """Somebody deleted, somebody without an address, a name, somebody else's address."""
    nameless = replace(user("noa"), email=None)
    people = user("bo", "gone"), user("cy", "n"), user("di", "Mia"), user("eve", "x@other.example")
    assert managers(tmp_path, *people, nameless) == {"ana": "lee"}


def test_circles_in_the_ats_leave_nobody_above(tmp_path: Path) -> None:
    assert managers(tmp_path, user("bo", "b"), user("cy", "d"), user("di", "c")) == {"ana": "lee"}
