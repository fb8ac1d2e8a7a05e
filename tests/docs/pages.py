"""The pages of the project, their links, headings, blocks and commands."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    {
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "plugins").glob("*/README.md"),
    }
)
_FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in one language; "" for those without a name."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def links(page: Path) -> Iterator[tuple[str, Path, str]]:
    """(as written, target file, heading after "#") of each relative link."""
    for link in _LINK.findall(_FENCE.sub("", page.read_text("utf-8"))):
        path, _, heading = link.partition("#")
        yield link, (page.parent / path).resolve() if path else page, heading


def headings(page: Path) -> set[str]:
    """The headings of a page as "#" links write them."""
    titles = re.findall(r"^#+ (.*)$", _FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", title.lower()).strip() for title in titles)
    return {title.replace(" ", "-") for title in plain}


def code(page: Path) -> Iterator[str]:
    """Every line of a page that is code: of blocks, and between backticks."""
    text = page.read_text("utf-8")
    for block in _FENCE.findall(text):
        yield from block.splitlines()[1:-1]
    yield from (line.replace("\n", " ") for line in re.findall(r"`([^`]+)`", _FENCE.sub("", text)))


def load_tool(name: str) -> ModuleType:
    """A module of tools/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f"tools/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool
