"""What the pages say is what the code does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from atsbridge import hookspecs
from atsbridge.cli import _COMMANDS
from atsbridge.model.catalog import KINDS
from atsbridge.rules.compile.pack_loader import load as load_rules
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.settings.settings_loader import load

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
README = (ROOT / "README.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("hook", [n for n in vars(hookspecs) if n.startswith("atsbridge_")])
def test_every_hook_is_on_the_architecture_page(hook: str) -> None:
    """A hook nobody can read of does not exist for a plugin author."""
    assert f"`{hook}`" in ARCHITECTURE


@pytest.mark.parametrize("hook", [n for n in vars(hookspecs) if n.startswith("atsbridge_")])
def test_every_hook_has_an_example(hook: str) -> None:
    """Each hook shows two lines of an implementation."""
    assert f"def {hook}(" in (getattr(hookspecs, hook).__doc__ or "")


@pytest.mark.parametrize("command", sorted(_COMMANDS))
def test_every_command_is_in_the_readme(command: str) -> None:
    """The table of commands is whole."""
    assert f"`atsbridge {command}" in README


def test_every_floor_of_the_import_law_is_described() -> None:
    """The table of floors and the law in pyproject.toml name the same floors."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = config["tool"]["importlinter"]["contracts"][0]["layers"]
    floors = {f.strip() for layer in layers for f in layer.split("|") if "(" not in f}
    table = ARCHITECTURE.split("## The house")[1].split("## Decisions")[0]
    firsts = "".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE))
    described = set(re.findall(r"`(\w+)`", firsts))
    assert floors == described


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A relative link names a file that is there."""
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_configuration_of_the_readme_loads(tmp_path: Path) -> None:
    """A newcomer can copy it as it stands."""
    (text,) = blocks(README, "toml")
    (tmp_path / "atsbridge.toml").write_text(text, "utf-8")
    settings = load(tmp_path / "atsbridge.toml")
    assert list(settings.accounts) == ["acme"]


def test_the_rule_of_the_readme_loads() -> None:
    """The example is a rule, not a sketch of one."""
    (text,) = blocks(README, "yaml")
    pack = "version: 1\ndefaults: {calendar: office, owner: recruiting_ops}\nrules:\n" + "".join(
        f"  {line}\n" for line in text.splitlines()
    )
    kinds = {kind.name: kind for kind in BUILTIN_KINDS}
    assert list(load_rules([("README.md", pack)], kinds).rules) == ["feedback-late"]


def test_every_field_says_what_it_is() -> None:
    """The catalogue is the documentation of the rule language's words."""
    silent = [f.path for k in KINDS.values() for f in k.fields.values() if not f.doc]
    assert silent == []


def test_what_the_architecture_page_says_to_read_is_there() -> None:
    """A stranger who follows the page finds the file."""
    table = ARCHITECTURE.split("Where to look first:")[1].split("## Decisions")[0]
    named = re.findall(r"`([\w/]+(?:\.py|/))`", table)
    places = (ROOT / "src/atsbridge", ROOT)
    assert [one for one in named if not any((place / one).exists() for place in places)] == []
    assert len(named) > 20


def test_every_page_is_in_the_readme() -> None:
    """A page nobody links to is not read."""
    assert [page.name for page in PAGES[1:] if f"(docs/{page.name})" not in README] == []
