"""docs/settings.md has every key of atsbridge.toml, with the default the code has."""

from __future__ import annotations

import re
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from atsbridge.settings import sections
from atsbridge.settings.settings_model import Settings

PAGE = (Path(__file__).parents[2] / "docs/settings.md").read_text("utf-8")
SECTIONS: dict[str, type[BaseModel]] = {
    "[accounts.NAME]": sections.AccountSettings,
    "[sinks.NAME]": sections.SinkSettings,
    "[teams.NAME]": sections.TeamSettings,
    "[notify]": sections.NotifySettings,
    "[rules]": sections.RulesSettings,
    "[pilot]": sections.PilotSettings,
    "[calendars.NAME]": sections.CalendarSettings,
    "[offices.NAME]": sections.OfficeSettings,
    '[people."E-MAIL"]': sections.PersonSettings,
    "[directory]": sections.DirectorySettings,
    "absences": sections.AbsenceSettings,  # of a person
    "[absences]": sections.IcalSettings,
    "[report]": sections.ReportSettings,
    "[run]": sections.RunSettings,
    "[serve]": sections.ServeSettings,
    "[worker]": sections.WorkerSettings,
    "[store]": sections.StoreSettings,
}
IN_WORDS = {("[accounts.NAME]", "sinks"), ("[sinks.NAME]", "clearance"), ("[rules]", "packs")}


def told(heading: str) -> dict[str, str]:
    """The keys below a heading of the page, and their defaults."""
    text = re.split(r"^##+ ", PAGE.split(f"# {heading}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]
    return dict(re.findall(r"^\| `(\w+)` \| \w+ \| (.+?) \|", text, re.MULTILINE))


def as_written(value: Any) -> str:
    """A default as one would write it in the file."""
    if value is None:
        value = ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, timedelta):
        minutes = value // timedelta(minutes=1)
        units = ((24 * 60, "d"), (60, "h"), (1, "m"))
        value = next(f"{minutes // size}{unit}" for size, unit in units if minutes % size == 0)
    if isinstance(value, int) and value and value % 2**20 == 0:
        value = f"{value // 2**20}MB"
    if isinstance(value, float):
        value = f"{value:.0%}"
    if isinstance(value, time):
        value = f"{value:%H:%M}"
    if isinstance(value, tuple):
        return "`[" + ", ".join(f'"{one}"' for one in value) + "]`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_page_of_settings_is_what_the_code_obeys(heading: str) -> None:
    """Every key with its default, and no key that is not one."""
    fields = SECTIONS[heading].model_fields
    expected = {
        name: "needed"
        if field.is_required()
        else as_written(field.get_default(call_default_factory=True))
        for name, field in fields.items()
    }
    found = told(heading)
    expected |= {name: found.get(name, "") for name in fields if (heading, name) in IN_WORDS}
    assert found == expected


def test_every_section_is_on_the_page_of_settings() -> None:
    """No section of the file is left out."""
    names = {re.sub(r"\W.*", "", heading.strip("[")) for heading in SECTIONS}
    assert names == set(Settings.model_fields) - {"folder"}
