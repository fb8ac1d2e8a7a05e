"""Lay out the pages as mkdocs.yml wants them, and build the site: `python tools/build_site.py`.

The pages keep their places, so that links between docs/, plugins/ and the root hold on the site
as they do in the repository. Strict: a broken link or heading ends the build. No network is used.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
SETTINGS = ROOT / "mkdocs.yml"
TUTORIALS = ROOT / "docs/tutorials/README.md"
BUILT = ROOT / "build/mkdocs.yml"
SOURCE = ROOT / "build/site-source"
# Pages and what they link to.
PATTERNS = (
    "*.md",
    "LICENSE",
    "docs/**/*",
    "plugins/*/README.md",
    "plugins/*/docs/**/*",
    "deploy/**/*",
)


def lay_out(source: Path = SOURCE) -> list[Path]:
    """Copy every page, and every file that a page may link to; the copied files."""
    shutil.rmtree(source, ignore_errors=True)
    copied = []
    for pattern in PATTERNS:
        for file in sorted(ROOT.glob(pattern)):
            if file.is_file():
                target = source / file.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
                copied.append(target)
    return copied


def make_navigation(readme: str) -> dict[str, list[dict[str, str]]]:
    """Section -> its pages (title -> path), as the README lists them for each reader.

    The tutorials come first, the plugins' own pages after what the README lists.
    """
    listed = readme.split("\n## Documentation\n")[1]
    overview = {"Overview": str(TUTORIALS.relative_to(ROOT))}
    tutorials = links(TUTORIALS.read_text("utf-8"), TUTORIALS.parent)
    sections = {"Tutorials": [overview, *tutorials]}
    for block in re.split(r"^For ", listed, flags=re.MULTILINE)[1:]:
        reader = block.partition(":")[0]
        sections[reader[0].upper() + reader[1:]] = links(block, ROOT)
    plugins = sorted(ROOT.glob("plugins/*/README.md"))
    sections["Plugins"] = [
        {page.parent.name.capitalize(): str(page.relative_to(ROOT))} for page in plugins
    ]
    return sections


def links(text: str, folder: Path) -> list[dict[str, str]]:
    """The pages that a text links to, in order: title -> path from the root."""
    found = re.findall(r"\[([^\]]+)\]\(([^)#:]+\.md)\)", text)
    return [{title: str((folder / path).resolve().relative_to(ROOT))} for title, path in found]


def main() -> int:
    """Build the site into build/site; the exit code."""
    lay_out()
    settings = yaml.safe_load(SETTINGS.read_text("utf-8"))
    sections = make_navigation((ROOT / "README.md").read_text("utf-8"))
    settings["nav"] = [{"Home": "README.md"}, *({name: its} for name, its in sections.items())]
    BUILT.write_text(yaml.safe_dump(settings, sort_keys=False), "utf-8")
    program = str(Path(sys.executable).with_name("zensical"))
    command = [program, "build", "--clean", "--strict", "--config-file", str(BUILT)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env={"NO_COLOR": "1"}
    )
    if done.returncode:
        # The traceback of strict mode says nothing about the page.
        print(done.stdout + done.stderr.partition("Traceback")[0], end="")
        return 1
    pages = len(list((ROOT / "build/site").rglob("*.html")))
    print(f"build/site: {pages} pages, no broken link")
    return 0


if __name__ == "__main__":
    sys.exit(main())
