"""Check what a release consists of: `python tools/release_check.py [PYTHON ...]`.

Builds wheels and source archives into build/dist, compares them with each other, installs them by
their extras on each Python, runs the demo there, and prints what is left to do by hand.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
DIST = ROOT / "build/dist"
PACKAGES = (ROOT, *sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml")))
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
EXTRAS = "apprise,ashby,files,greenhouse,lever,postgres,teams-bot"
_UV = str(Path(sys.executable).with_name("uv"))
CHECKLIST = """\
By hand:
  [ ] CHANGELOG.md: move "Unreleased" under the version and the date
  [ ] src/atsbridge/__init__.py, plugins/*/pyproject.toml: versions, and the bounds between them
  [ ] make check test floors pythons audit sbom
  [ ] make torture bench, and the figures in the pages
  [ ] upgrade a copy of a real store, then atsbridge store check
  [ ] tag the commit, upload build/dist/* and build/sbom.cdx.json
"""


def project(package: Path) -> dict[str, Any]:
    """The [project] table of a package."""
    return dict(tomllib.loads((package / "pyproject.toml").read_text("utf-8"))["project"])


def core_version() -> Version:
    """The version in the code."""
    text = (ROOT / "src/atsbridge/__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    assert found
    return Version(found[1])


def bound_faults() -> Iterator[str]:
    """Plugins and extras that do not fit together, or have no upper bound."""
    core = core_version()
    versions = {
        project(package)["name"]: Version(project(package)["version"]) for package in PACKAGES[1:]
    }
    for package in PACKAGES[1:]:
        found = project(package)
        (need,) = [
            one for one in map(Requirement, found["dependencies"]) if one.name == "atsbridge"
        ]
        yield from _bound(found["name"], need, core)
    extras = project(ROOT)["optional-dependencies"]
    for name, version in versions.items():
        (text,) = extras.get(name.removeprefix("atsbridge-"), [""])
        if not text:
            yield f"atsbridge has no extra for {name}"
            continue
        yield from _bound("atsbridge", Requirement(text), version)


def _bound(package: str, need: Requirement, version: Version) -> Iterator[str]:
    if version not in need.specifier:
        yield f"{package} needs {need}, but that is {version}"
    if not any(one.operator == "<" for one in need.specifier):
        yield f"{package} needs {need} without an upper bound"


def build() -> list[Path]:
    """Wheels and source archives of all packages, without a network; the files."""
    shutil.rmtree(DIST, ignore_errors=True)
    for package in PACKAGES:
        # uv makes the wheel from the source archive, so that one cannot lack what the other has.
        command = [_UV, "build", "-q", "--no-build-isolation", "--python", sys.executable]
        subprocess.run([*command, "--out-dir", str(DIST), str(package)], check=True)
    (DIST / ".gitignore").unlink(missing_ok=True)
    return sorted(DIST.iterdir())


def content_faults(files: Sequence[Path]) -> Iterator[str]:
    """Files that a wheel must have and lacks, or that must not be in an archive."""
    for file in files:
        names = _names(file)
        for bad in names:
            if re.search(r"__pycache__|\.pyc$|(^|/)tests/|\.env|\.toml~|\.db$", bad):
                yield f"{file.name} has {bad}"
        if not any(name.endswith("LICENSE") for name in names):
            yield f"{file.name} has no LICENSE"
        if file.suffix != ".whl":
            continue
        if not any(name.endswith("entry_points.txt") for name in names):
            yield f"{file.name} has no entry point"
        if file.name.startswith("atsbridge-"):
            yield from _missing(file, names)


def _names(file: Path) -> list[str]:
    if file.suffix == ".whl":
        with zipfile.ZipFile(file) as wheel:
            return wheel.namelist()
    with tarfile.open(file) as archive:
        return [name for name in archive.getnames() if "/" in name]


def _missing(wheel: Path, names: Sequence[str]) -> Iterator[str]:
    """Files of the source that the wheel of the core lacks: modules, stubs, templates, packs."""
    source = ROOT / "src"
    expected = {
        str(path.relative_to(source))
        for path in (source / "atsbridge").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    expected |= {f"atsbridge/packs/{path.name}" for path in (ROOT / "rules").glob("*.yaml")}
    for name in sorted(expected.difference(names)):
        yield f"{wheel.name} lacks {name}"


def interpreter(version: str) -> str | None:
    """An interpreter of that version that really starts, or None."""
    roots = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [f"python{version}", *map(str, roots.glob(f"{version}.*/bin/python"))]
    for candidate in candidates:
        if shutil.which(candidate) is None:
            continue
        said = subprocess.run(
            [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.split()
        if said[:1] == [version]:
            return said[1]
    return None


def try_out(python: str, *, demo: bool = True) -> None:
    """Install the built packages by their extras in a new environment, and run them there.

    CalledProcessError where a step fails.
    """
    with tempfile.TemporaryDirectory(prefix="atsbridge-release-") as folder:
        subprocess.run(
            [_UV, "venv", "-q", "--no-python-downloads", "--python", python, f"{folder}/venv"],
            check=True,
        )
        program = f"{folder}/venv/bin/atsbridge"
        environment = {**os.environ, "UV_HTTP_TIMEOUT": "180"}
        install = [_UV, "pip", "install", "-q", "--python", f"{folder}/venv/bin/python"]
        ours = [f"--refresh-package={project(package)['name']}" for package in PACKAGES]
        what = ["--find-links", str(DIST), f"atsbridge[{EXTRAS}]=={core_version()}"]
        subprocess.run([*install, *ours, *what], check=True, env=environment)
        subprocess.run(
            [_UV, "pip", "check", "-q", "--python", f"{folder}/venv/bin/python"], check=True
        )
        for command in (["plugins"], ["demo"] if demo else ["--version"]):
            subprocess.run([program, *command], check=True, cwd=folder, stdout=subprocess.DEVNULL)


def notes() -> str:
    """The release notes: the newest section of the changelog."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    return text.split("\n## ")[1].partition("\n")[2].strip() + "\n"


def main(versions: Sequence[str]) -> int:
    """Check everything; the exit code."""
    files = build()
    print(f"build/dist: {', '.join(file.name for file in files)}")
    faults = [*bound_faults(), *content_faults(files)]
    for fault in faults:
        print(f"  FAULT {fault}")
    (ROOT / "build/release-notes.md").write_text(notes(), "utf-8")
    for version in versions or PYTHONS:
        python = interpreter(version)
        if python is None:
            print(f"Python {version} is not on this machine: left out")
            continue
        print(f"Python {version}: installing and playing the demo ...", flush=True)
        try:
            try_out(python)
        except subprocess.CalledProcessError as error:
            faults.append(version)
            print(f"  FAULT {' '.join(error.cmd)} ended with {error.returncode}")
    print("build/release-notes.md has the newest section of the changelog")
    print(CHECKLIST, end="")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
