"""What the settings allow a sink: its clearance, and layouts of one's own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from atsbridge.app.composition_root import App
from atsbridge.app.settings_checks import find_mistakes
from atsbridge.context.services import Services
from atsbridge.model.fields import Sensitivity
from atsbridge.plugins import discover
from atsbridge.settings.settings_model import Settings
from atsbridge.sinks.mail.mail_sink import Mail
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 9, tzinfo=UTC)


def app(folder: Path, notify: Any = None, **mail: Any) -> Services:
    sinks = {"mail": {"kind": "email", "host": "localhost", **mail}}
    settings = Settings(folder=folder, sinks=sinks, notify=notify or {})  # type: ignore[arg-type]
    return App(settings, discover(), ManualTime(NOW)).services


@pytest.mark.parametrize(
    ("granted", "level"),
    [
        ({}, Sensitivity.PERSONAL),
        ({"clearance": "open"}, Sensitivity.OPEN),
        ({"clearance": "compensation"}, Sensitivity.COMPENSATION),
    ],
)
def test_a_sink_may_carry_what_it_was_granted(
    granted: dict[str, str], level: Sensitivity, tmp_path: Path
) -> None:
    """Else what its kind declares; the word is the core's, not the sink's own setting."""
    made = app(tmp_path, **granted)
    assert made.clearance("mail") is level
    assert isinstance(made.open_sink("mail"), Mail)


def test_no_sink_can_be_granted_ratings(tmp_path: Path) -> None:
    """There is no such clearance."""
    with pytest.raises(ValueError, match=r"'open', 'personal' or 'compensation'"):
        app(tmp_path, clearance="evaluation")


def test_a_folder_of_layouts_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    """As is one with none of the names there are."""
    notify = {"templates": "./templates"}

    def told() -> list[str]:
        made = app(tmp_path, notify)
        found = [str(made.settings.source.error(one)) for one in find_mistakes(made)]
        return [line for line in found if "templates" in line]

    (missing,) = told()
    assert missing.startswith(f"notify.templates: there is no folder {tmp_path}/templates")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "email.html").touch()
    (empty,) = told()
    assert empty.endswith("has none of the layouts there are. Name them mail.html, mail.txt")
    (tmp_path / "templates" / "mail.html").touch()
    assert told() == []
