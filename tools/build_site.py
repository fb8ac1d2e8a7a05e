"""Lay out the pages as mkdocs.yml wants them, and build the site: `python tools/build_site.py`.

The pages keep their places, so that links between docs/, plugins/ and the root hold on the site
as they do in the repository. Strict: a broken link or heading ends the build. No network is used.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
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


def main() -> int:
    """Build the site into build/site; the exit code."""
    lay_out()
    program = str(Path(sys.executable).with_name("zensical"))
    command = [program, "build", "--clean", "--strict", "--config-file", str(ROOT / "mkdocs.yml")]
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
