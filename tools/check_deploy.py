"""Lint the files in deploy/ and say which of them were not run: `python tools/check_deploy.py`.

A linter from requirements-dev.txt is always there. One from the system is used where the machine
has it, and named where it has not. Exit 1 where a linter finds a fault.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
_EXPOSURE = "20"  # tenths; systemd calls up to 4.0 "OK"
_NOT_RUN = "not run here: the image is not built, and no container, unit or cluster is started"


class Linter(NamedTuple):
    """A linter with its command line; `package`: what to install where the machine lacks it."""

    files: str
    command: Sequence[str]
    package: str = ""


def linters(copies: Path) -> list[Linter]:
    """All linters; `copies` holds what names users or programs that this machine lacks."""
    units = copies / "systemd"
    services = [str(file) for file in sorted(units.glob("*.service"))]
    every_unit = [str(file) for file in sorted(units.iterdir())]
    here = str(Path(sys.executable).parent)
    docker = DEPLOY / "docker"
    rules = DEPLOY / "monitoring/alerts.yaml"
    return [
        Linter(
            "all YAML", [f"{here}/yamllint", "-s", "-c", f"{DEPLOY}/yamllint.yaml", f"{DEPLOY}"]
        ),
        Linter("Dockerfile", [f"{here}/hadolint", f"{docker}/Dockerfile"]),
        Linter(
            "compose.yaml",
            [
                f"{here}/check-jsonschema",
                "--builtin-schema",
                "vendor.compose-spec",
                f"{docker}/compose.yaml",
            ],
        ),
        *(
            Linter(file.name, [f"{here}/kubernetes-validate", str(file)])
            for file in sorted((DEPLOY / "kubernetes").iterdir())
        ),
        Linter("units", ["systemd-analyze", "verify", *every_unit], "systemd"),
        Linter(
            "services' isolation",
            [
                "systemd-analyze",
                "security",
                "--offline=true",
                f"--threshold={_EXPOSURE}",
                *services,
            ],
            "systemd",
        ),
        Linter("logrotate", ["logrotate", "--debug", f"{copies}/atsbridge.logrotate"], "logrotate"),
        Linter("alert rules", ["promtool", "check", "rules", str(rules)], "prometheus"),
        Linter(
            "tests of the alert rules",
            ["promtool", "test", "rules", str(rules.with_name("alerts_test.yaml"))],
            "prometheus",
        ),
    ]


def make_copies(folder: Path) -> Path:
    """Copy the units and the logrotate file: the linters want programs and users to exist."""
    (folder / "systemd").mkdir()
    for unit in (DEPLOY / "systemd").iterdir():
        text = re.sub(r"/srv/atsbridge/\S+/atsbridge ", "/bin/true ", unit.read_text("utf-8"))
        (folder / "systemd" / unit.name).write_text(text, "utf-8")
    text = (DEPLOY / "cron/atsbridge.logrotate").read_text("utf-8")
    rotated = folder / "atsbridge.logrotate"
    rotated.write_text(text.replace("su atsbridge atsbridge", "su root root"), "utf-8")
    rotated.chmod(0o644)
    return folder


def check(linter: Linter) -> bool:
    """Run a linter and print one line; more only where it found a fault."""
    name = Path(linter.command[0]).name
    if shutil.which(linter.command[0]) is None:
        if not linter.package:
            print(f"  FAULT {linter.files}: {name} is missing; run make check")
            return False
        print(f"  left out {linter.files}: {name} is not here (Debian package {linter.package})")
        return True
    done = subprocess.run(linter.command, capture_output=True, text=True, check=False)
    if linter.package and re.search(r"unrecognized option|unknown (?:long )?flag", done.stderr):
        print(
            f"  left out {linter.files}: {name} is too old here (Debian package {linter.package})"
        )
        return True
    # systemd-analyze reports some faults only in words.
    words = done.stderr if linter.command[:2] == ["systemd-analyze", "verify"] else ""
    if done.returncode or words.strip():
        print(f"  FAULT {linter.files} ({name}):\n{done.stdout}{done.stderr}")
        return False
    print(f"  linted {linter.files} with {name}")
    return True


def main() -> int:
    """Check everything; the exit code."""
    print("deploy/:")
    with tempfile.TemporaryDirectory() as folder:
        good = [check(linter) for linter in linters(make_copies(Path(folder)))]
    print(f"  {_NOT_RUN}")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
