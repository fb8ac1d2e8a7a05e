"""docs/connector-concepts.md names what the API has, with parameters that it takes."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from atsbridge import api

PAGE = (Path(__file__).parents[2] / "docs/connector-concepts.md").read_text("utf-8")
SPANS = re.findall(r"`([^`]+)`", PAGE)
OTHERS = {"GET", "POST", "Link", "Europe"}  # of HTTP, and a zone


def test_every_name_is_in_the_api() -> None:
    """A class that is renamed must not stay here."""
    named = {name for span in SPANS for name in re.findall(r"(?<![.\w])([A-Z]\w+)(?=[(.]|$)", span)}
    assert named - set(api.__all__) - OTHERS == set()


def test_every_parameter_is_one() -> None:
    """Of the class that it is written in."""
    wrong = []
    for span in SPANS:
        for name, inside in re.findall(r"(?<![.\w])([A-Z]\w+)\(([^()]*)", span):
            taken = inspect.signature(getattr(api, name)).parameters
            given = re.findall(r"\b(\w+)=(?!=)", re.sub(r'"[^"]*"', '""', inside))
            any_ = any(one.kind is one.VAR_KEYWORD for one in taken.values())
            wrong += [f"{name}({one})" for one in given if one not in taken and not any_]
    assert wrong == []


def test_every_style_is_answered() -> None:
    """Each row has two cells that say something."""
    rows = [line.strip("|").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
    assert len(rows) > 25
    assert all(len(cells) == 2 and all(cell.strip() for cell in cells) for cells in rows)
