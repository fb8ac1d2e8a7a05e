"""Follows a guide: writes its files, runs its commands and compares what is printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"(?:^`([\w./-]+)`:\n\n)?^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# `pip install -e PACKAGE` without a network and without touching the environment of the tests.
_PIP = """#!/bin/sh
for last; do :; done
exec {python} -m pip install --quiet --no-deps --no-build-isolation --disable-pip-version-check \
  --target "$SITE" "$last"
"""


class Guide:
    """A page whose steps are followed in a folder."""

    def __init__(self, page: str, folder: Path) -> None:
        self.steps = _BLOCK.findall((ROOT / "docs" / page).read_text("utf-8"))
        self.folder = folder
        self._sandbox: subprocess.Popen[bytes] | None = None
        (folder / "bin").mkdir()
        pip = folder / "bin/pip"
        pip.write_text(_PIP.format(python=sys.executable), "utf-8")
        pip.chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "SITE": str(folder / "site"),
            "PYTHONPATH": f"{folder / 'site'}:{ROOT / 'src'}",
            "PYTEST_ADDOPTS": "-p no:cacheprovider --import-mode=importlib",
        }

    def follow(self) -> None:
        """Every file is written, every command succeeds, every line said to be printed is."""
        printed = ""
        for name, language, text in self.steps:
            if name:
                file = self.folder / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, "utf-8")
            elif language == "sh":
                printed = "".join(self._run(line) for line in text.splitlines())
            elif not language:
                assert [line for line in text.splitlines() if line not in printed] == []

    def close(self) -> None:
        """End the sandbox."""
        if self._sandbox is not None:
            self._sandbox.terminate()
            self._sandbox.communicate()

    def _serve(self, command: str) -> None:
        """Start the sandbox, which goes on until `close`."""
        self._sandbox = subprocess.Popen(
            ["sh", "-c", f"exec {command}"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        assert self._sandbox.stdout is not None
        while b"Settings" not in (line := self._sandbox.stdout.readline()):
            assert line, "the sandbox ended"

    def _run(self, command: str) -> str:
        """What a command prints. Variables that it exports are kept, as in a terminal."""
        if command.startswith("atsbridge sandbox"):
            self._serve(command)
            return ""
        if command.startswith("export "):
            given = command.removeprefix("export ").partition(" && ")[0]
            self.environment |= dict(one.split("=", 1) for one in given.split())
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
