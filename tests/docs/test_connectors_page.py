"""docs/connectors.md, executed from its first command to its last."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from atsbridge import api

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/connectors.md").read_text("utf-8")
STEPS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
# `pip install -e PACKAGE` without a network and without touching the environment of the tests.
PIP = """#!/bin/sh
for last; do :; done
exec {python} -m pip install --quiet --no-deps --no-build-isolation --disable-pip-version-check \
  --target "$SITE" "${{last%\\[test\\]}}"
"""


class Shell:
    """A folder where the page is followed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.standing: subprocess.Popen[bytes] | None = None
        (folder / "bin").mkdir()
        pip = folder / "bin/pip"
        pip.write_text(PIP.format(python=sys.executable), "utf-8")
        pip.chmod(0o755)
        site, sources = folder / "site", folder / "atsbridge-beacon/src"
        path = f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        self.environment = {
            **os.environ,
            "PATH": path,
            "SITE": str(site),
            "PYTHONPATH": f"{sources}:{site}:{ROOT / 'src'}",
            "PYTEST_ADDOPTS": "-p no:cacheprovider",
        }

    def run(self, command: str) -> str:
        """What the command prints; it must succeed. The sandbox goes on standing."""
        if command.startswith("atsbridge sandbox"):
            self.standing = subprocess.Popen(
                ["sh", "-c", f"exec {command}"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
            )
            assert self.standing.stdout is not None
            said = self.standing.stdout.readline()
            while b"Settings" not in said:
                said = self.standing.stdout.readline()
                assert said, "the sandbox ended"
            return ""
        done = subprocess.run(
            ["sh", "-ec", command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def change(self, diff: str) -> None:
        """Make the change; what it replaces must stand there once."""
        head, *lines = diff.splitlines()
        file = self.folder / head.removeprefix("--- ")
        before = "\n".join(line[1:] for line in lines if line[:1] != "+")
        after = "\n".join(line[1:] for line in lines if line[:1] != "-")
        text = file.read_text("utf-8")
        assert text.count(before) == 1, diff
        file.write_text(text.replace(before, after), "utf-8")

    def close(self) -> None:
        if self.standing is not None:
            self.standing.terminate()
            self.standing.communicate()


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    opened = Shell(tmp_path)
    yield opened
    opened.close()


@pytest.mark.timeout(400)
def test_the_page_can_be_followed(shell: Shell) -> None:
    """Every command succeeds, every change fits, what is said to be printed is printed."""
    printed = ""
    for kind, block in STEPS:
        if kind == "sh":
            printed = "".join(shell.run(line) for line in block.splitlines())
            if "atsbridge plugins" in block:
                assert "beacon" in printed
        elif kind == "diff":
            shell.change(block)
        elif kind == "":
            assert [line for line in block.splitlines() if line not in printed] == []


def test_every_python_example_runs() -> None:
    """With the names of the API, as in a module that imports those, `Path` and `SecretStr`."""
    names = {name: getattr(api, name) for name in api.__all__}
    examples = [block for kind, block in STEPS if kind == "python"]
    assert examples
    for block in examples:
        exec(block, {**names, "SecretStr": SecretStr, "Path": Path, "__file__": __file__})


def test_the_module_and_its_fake_are_short(shell: Shell) -> None:
    """A connector is one module under 170 lines, its fake under 80."""
    shell.run("atsbridge new connector beacon")
    package = shell.folder / "atsbridge-beacon/src/atsbridge_beacon"
    lines = {f.name: len(f.read_text("utf-8").splitlines()) for f in package.glob("*.py")}
    assert lines["connector.py"] < 170
    assert lines["fake.py"] < 80
