"""docs/sinks.md says of each sink what it can do and what it wants."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from atsbridge.ports.sink import SinkSpec
from atsbridge.replies.parse import TABLE
from atsbridge.settings.settings_model import Settings
from atsbridge.sinks.sinks_plugin import atsbridge_sinks

PAGE = (Path(__file__).parents[2] / "docs" / "sinks.md").read_text("utf-8")
SPECS = {spec.name: spec for spec in atsbridge_sinks()}


def _row(spec: SinkSpec) -> list[str]:
    powers = (spec.direct_messages, spec.edits, spec.threads, spec.looks_up, spec.replies)
    settings = ", ".join(f"`{name}`" for name in spec.settings.model_fields)
    return [f"`{spec.name}`", *("yes" if power else "no" for power in powers), settings or "none"]


def test_the_table_is_what_the_sinks_declare() -> None:
    """One row for each."""
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in PAGE.splitlines()]
    said = [row for row in rows if len(row) == 7][2:]
    assert sorted(said) == sorted(_row(spec) for spec in SPECS.values())


def test_the_words_people_answer_with_are_printed() -> None:
    """The whole table: every text and every emoji."""
    section = PAGE.partition("\n## Replies\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in section.splitlines()]
    said = {row[0].strip("`"): (row[1], row[2]) for row in rows if len(row) == 4 and "`" in row[0]}
    assert said == {
        kind.value: (
            ", ".join(text for text in texts if text != kind),
            " ".join(f":{name}:" for name in emoji),
        )
        for kind, (texts, emoji) in TABLE.items()
    }


def test_the_examples_are_good_settings() -> None:
    """Each is taken by the configuration and by its sink, once its secret is there."""
    secrets = {"url": "https://flows.example/x", "password": "secret"}
    for example in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL):
        settings = Settings(**tomllib.loads(example))
        for section in settings.sinks.values():
            options = {
                key: secrets.get(key.removesuffix("_file"), value)
                for key, value in section.options.items()
            }
            options = {key.removesuffix("_file"): value for key, value in options.items()}
            SPECS[section.kind].settings.model_validate(options)
