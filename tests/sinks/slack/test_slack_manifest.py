"""docs/slack-manifest.yaml makes the app that the code needs, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from atsbridge.sinks.slack.slack_scopes import EVENTS, SCOPES

DOCS = Path(__file__).parents[3] / "docs"
MANIFEST = DOCS / "slack-manifest.yaml"
WITH_BUTTONS = DOCS / "slack-manifest-buttons.yaml"


@pytest.fixture(scope="module", params=[MANIFEST, WITH_BUTTONS], ids=lambda file: file.stem)
def manifest(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(request.param.read_text("utf-8"))
    return found


def test_buttons_need_interactivity_over_the_socket_and_nothing_else() -> None:
    """No scope more, and no address that Slack would call; without buttons there is neither."""
    plain, buttons = (yaml.safe_load(one.read_text("utf-8")) for one in (MANIFEST, WITH_BUTTONS))
    assert plain["settings"]["socket_mode_enabled"] is False
    assert "interactivity" not in plain["settings"]
    assert buttons["settings"].pop("event_subscriptions") == {"bot_events": list(EVENTS)}
    assert buttons["settings"].pop("interactivity") == {"is_enabled": True}
    assert buttons["settings"].pop("socket_mode_enabled") is True
    del plain["settings"]["socket_mode_enabled"]
    assert buttons == plain


def test_events_need_no_scope_of_their_own() -> None:
    """Whoever hears a text may read it; without an optional scope its event is left out, too."""
    needed = {scope.name: scope.optional for scope in SCOPES}
    assert set(EVENTS.values()) <= needed.keys()
    head = WITH_BUTTONS.read_text("utf-8").partition("display_information")[0]
    sentence = head[head.index("Leave out") :]
    for event, scope in EVENTS.items():
        assert (event in sentence) == needed[scope], event


def test_the_scopes_are_those_of_the_code(manifest: dict[str, Any]) -> None:
    """In the same order, and none for a user token."""
    scopes = manifest["oauth_config"]["scopes"]
    assert scopes == {"bot": [scope.name for scope in SCOPES]}


@pytest.mark.parametrize("file", [MANIFEST, WITH_BUTTONS], ids=lambda file: file.stem)
def test_the_comment_names_what_may_be_left_out(file: Path) -> None:
    """Exactly the optional scopes."""
    head = file.read_text("utf-8").partition("display_information")[0]
    sentence = head[head.index("Leave out") :]
    assert [s.name for s in SCOPES if s.name in sentence] == [s.name for s in SCOPES if s.optional]


def test_slack_takes_the_texts(manifest: dict[str, Any]) -> None:
    """Lengths of https://docs.slack.dev/reference/app-manifest."""
    shown = manifest["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
    assert len(manifest["features"]["bot_user"]["display_name"]) <= 80
