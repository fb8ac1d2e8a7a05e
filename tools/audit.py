"""Compare the pinned versions with known vulnerabilities: `python tools/audit.py`.

Exit 1 where a version has a known vulnerability, 2 where the service gave no answer: silence is
not a good result.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PINS = ROOT / "requirements-dev.txt"
VULNERABLE, UNKNOWN = 1, 2
_COMMAND = ("--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json")


def run(command: Sequence[str]) -> tuple[str, str]:
    """What the command wrote to stdout and stderr."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout, done.stderr


def grade(stdout: str, stderr: str) -> tuple[list[str], int]:
    """The lines to print, and the exit code, from what pip-audit wrote."""
    try:
        packages: list[dict[str, Any]] = json.loads(stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (stderr.strip().splitlines() or ["no answer"])[-1]
        return [f"Nothing was audited: the service cannot be reached ({last[:200]})"], UNKNOWN
    lines = [
        f"{one['name']} {one['version']}: {found['id']}, fixed in"
        f" {', '.join(found['fix_versions']) or 'no version yet'}"
        for one in packages
        for found in one.get("vulns", ())
    ]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    audited = len(packages) - len(skipped)
    if not audited:
        return ["Nothing was audited: the service knows none of the packages"], UNKNOWN
    lines.append(f"{audited} packages audited, {len(lines)} known vulnerabilities")
    if skipped:
        lines.append(f"Not audited, unknown to the service: {', '.join(skipped)}")
    if len(lines) > 1 + bool(skipped):
        return lines, VULNERABLE
    return lines, UNKNOWN if skipped else 0


def main() -> int:
    """Audit the pins; the exit code."""
    program = str(Path(sys.executable).with_name("pip-audit"))
    lines, code = grade(*run([program, "--requirement", str(PINS), *_COMMAND]))
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
