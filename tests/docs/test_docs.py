"""Links, examples and lists of the pages match the code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from atsbridge import hookspecs
from atsbridge.model.catalog import KINDS
from atsbridge.rules.compile.pack_loader import load as load_rules
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.settings.settings_loader import load

from .pages import PAGES, ROOT, blocks, headings, links

README = ROOT / "README.md"
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text("utf-8")


@pytest.mark.parametrize("hook", [n for n in vars(hookspecs) if n.startswith("atsbridge_")])
def test_every_hook_is_on_the_architecture_page(hook: str) -> None:
    """Plugin authors find every hook."""
    assert f"`{hook}`" in ARCHITECTURE


@pytest.mark.parametrize("hook", [n for n in vars(hookspecs) if n.startswith("atsbridge_")])
def test_every_hook_has_an_example(hook: str) -> None:
    """Each hook shows two lines of an implementation."""
    assert f"def {hook}(" in (getattr(hookspecs, hook).__doc__ or "")


def test_every_layer_is_described() -> None:
    """The table of layers and pyproject.toml name the same packages."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = config["tool"]["importlinter"]["contracts"][0]["layers"]
    expected = {f.strip() for layer in layers for f in layer.split("|") if "(" not in f}
    table = ARCHITECTURE.split("## The house")[1].split("## Decisions")[0]
    firsts = "".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE))
    assert set(re.findall(r"`(\w+)`", firsts)) == expected


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """A relative link names a file, and after "#" one of its headings."""
    broken = [
        link
        for link, target, heading in links(page)
        if not target.exists() or (heading and heading not in headings(target))
    ]
    assert broken == []


def test_every_page_is_reachable_from_the_readme() -> None:
    """A reader who starts at the README can click to every page."""
    reached, ahead = {README}, [README]
    while ahead:
        page = ahead.pop()
        fresh = {target for _, target, _ in links(page) if target.suffix == ".md"} - reached
        reached |= fresh
        ahead += fresh
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in reached] == []


def test_every_reader_has_a_section() -> None:
    """The README lists every page of docs/ itself, below its readers."""
    listed = {target for _, target, _ in links(README)}
    assert [page.name for page in (ROOT / "docs").glob("*.md") if page not in listed] == []


def test_the_configuration_of_the_readme_loads(tmp_path: Path) -> None:
    """A newcomer can copy it without a change."""
    (text,) = blocks(README, "toml")
    (tmp_path / "atsbridge.toml").write_text(text, "utf-8")
    settings = load(tmp_path / "atsbridge.toml")
    assert list(settings.accounts) == ["acme"]


def test_the_rule_of_the_readme_loads() -> None:
    """The example is a complete rule."""
    (text,) = blocks(README, "yaml")
    pack = "version: 1\ndefaults: {calendar: office, owner: recruiting_ops}\nrules:\n" + "".join(
        f"  {line}\n" for line in text.splitlines()
    )
    kinds = {kind.name: kind for kind in BUILTIN_KINDS}
    assert list(load_rules([("README.md", pack)], kinds).rules) == ["feedback-late"]


def test_every_field_has_a_description() -> None:
    """The catalog documents the fields of the rule language."""
    silent = [f.path for k in KINDS.values() for f in k.fields.values() if not f.doc]
    assert silent == []


def test_the_modules_named_by_the_architecture_page_exist() -> None:
    """A maintainer who follows the page finds the file."""
    table = ARCHITECTURE.split("Where to look first:")[1].split("## Decisions")[0]
    named = re.findall(r"`([\w/]+(?:\.py|/))`", table)
    places = (ROOT / "src/atsbridge", ROOT)
    assert [one for one in named if not any((place / one).exists() for place in places)] == []
    assert len(named) > 20


def test_every_decision_is_listed_and_has_its_parts() -> None:
    """A decision has a number, a status, a context, a decision and consequences."""
    folder = ROOT / "docs/decisions"
    pages = sorted(folder.glob("0*.md"))
    listed = [target for _, target, _ in links(folder / "README.md") if target.name[0] == "0"]
    assert listed == pages
    for number, page in enumerate(pages, 1):
        text = page.read_text("utf-8")
        assert text.startswith(f"# {number}. "), page
        parts = ("\nStatus: ", "\n## Context\n", "\n## Decision\n", "\n## Consequences\n")
        assert all(part in text for part in parts), page


def test_pre_commit_runs_the_checks_of_make_check() -> None:
    """One list of checks: a commit that passes the hooks passes `make check`."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe
    expected = [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe[1].splitlines()]
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]
    assert [hook["entry"].removeprefix("env ") for hook in hooks] == expected
    assert {repo["repo"] for repo in config["repos"]} == {"local"}
    assert {(hook["language"], hook["pass_filenames"]) for hook in hooks} == {("system", False)}


def test_coverage_measures_every_pure_package() -> None:
    """The packages that may do no I/O, in the coverage report and in the Makefile."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = config["tool"]["importlinter"]["contracts"]
    (contract,) = [one for one in contracts if one["name"].startswith("Pure")]
    pure = set(contract["source_modules"])
    assert set(config["tool"]["coverage"]["run"]["source_pkgs"]) == pure
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = re.search(r"^PURE := (.*)$", makefile, re.MULTILINE)
    assert named
    assert {f"atsbridge.{name}" for name in named[1].split()} == pure


def test_make_help_lists_every_target() -> None:
    """Every phony target has a help text."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    assert set(re.findall(r"^([a-z-]+):.* ## .", makefile, re.MULTILINE)) == set(phony[1].split())


def test_every_package_has_an_owner() -> None:
    """CODEOWNERS names folders that exist, and every package of the core matches one line."""
    lines = (ROOT / "CODEOWNERS").read_text("utf-8").splitlines()
    patterns = [line.split()[0] for line in lines if line and not line.startswith("#")]
    assert [p for p in patterns if p != "*" and not (ROOT / p.lstrip("/")).is_dir()] == []
    doors = (ROOT / "src/atsbridge").glob("*/__init__.py")
    packages = {f"/{door.parent.relative_to(ROOT)}/" for door in doors}
    assert packages - set(patterns) == set()


def test_pictures_are_whole_and_self_contained() -> None:
    """A picture is well-formed SVG with a title, and loads nothing from outside."""
    pictures = list((ROOT / "docs/images").glob("*.svg"))
    assert pictures
    for picture in pictures:
        text = picture.read_text("utf-8")
        root = ElementTree.fromstring(text)
        assert root.find("{http://www.w3.org/2000/svg}title") is not None
        assert not re.search(r"(?:href|src)=|url\((?!#)|@import", text)
