"""Whom an announcement names."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.cases.recipients import Directory
from atsbridge.errors import ConfigError
from atsbridge.model.notice import Destination
from atsbridge.model.organization import User
from atsbridge.replies.announcements import Announcer

ANA = "ana@acme.example"


@pytest.fixture
def announcer(monkeypatch: pytest.MonkeyPatch) -> Announcer:
    """Ana came back: her former account has her address, too."""
    found = [
        User(account="acme", id=one, name="Ana Silva", email=ANA, active=active)
        for one, active in (("u7", True), ("u9", False))
    ]
    ops = Destination("post", "channel", "#ops")
    people = Directory(users={one.id: one for one in found}, teams={}, ops=ops, sinks=("post",))
    context = SimpleNamespace(directory=people)
    monkeypatch.setattr(
        "atsbridge.replies.announcements.AccountContext", lambda _app, _account: context
    )
    app: Any = None
    return Announcer(app, "Kim")


def test_a_person_with_two_accounts_is_the_one_who_is_there(announcer: Announcer) -> None:
    """The one who left agrees to nothing, and takes over no role."""
    assert announcer._person("acme", "Ana@acme.example").id == "u7"
    with pytest.raises(ConfigError, match="nobody in acme has the address"):
        announcer._person("acme", "anna@acme.example")
