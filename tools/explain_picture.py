"""Draw docs/images/explain.svg, the picture of the README: `python tools/explain_picture.py`.

The case comes from the sandbox: late interview feedback, with a night and a weekend between.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from atsbridge.app import open_services
from atsbridge.context import Services
from atsbridge.model import Case
from atsbridge.plugins import discover
from atsbridge.queries import Explanation, explain_case, svg
from atsbridge.sandbox import SandboxOptions, build_sandbox

PICTURE = Path(__file__).parents[1] / "docs/images/explain.svg"
_RULE, _ACCOUNT = "feedback-late", "acme"
_RUNS = (0, 24, 48, 72, 96, 104, 168)  # hours after Monday 08:00 UTC: a week with its weekend


def draw() -> str:
    """The picture as SVG text."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        specs = discover().connectors().values()
        with build_sandbox(folder, specs, SandboxOptions(applications=200)) as world:
            config = folder / "atsbridge.toml"
            config.write_text(world.config(), "utf-8")
            config.chmod(0o600)
            start = world.clock.now()
            for hours in _RUNS:
                world.advance(start + timedelta(hours=hours))
                _run(config)
            with open_services(config) as app:
                return svg(_choose(app))


def _run(config: Path) -> None:
    command = [sys.executable, "-m", "atsbridge", "--config", str(config), "run"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the sandbox run failed: {done.stderr}")


def _choose(app: Services) -> Explanation:
    """An open case whose clock shows the most kinds of time, the shortest of them."""

    def rank(one: Explanation) -> tuple[int, timedelta]:
        spans = one.verdict.spans
        return -len({span.reason for span in spans}), sum((s.counted for s in spans), timedelta())

    found = list(_candidates(app))
    if not found:
        raise SystemExit(f"the sandbox has no open case of {_RULE}")
    return min(found, key=rank)


def _candidates(app: Services) -> Iterator[Explanation]:
    for case in app.store.cases.read_cases(_ACCOUNT, open_only=True):
        if _fits(case):
            yield explain_case(app, case.number)


def _fits(case: Case) -> bool:
    return case.rule == _RULE and not case.in_summary and case.due_at is not None


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(draw(), "utf-8")


if __name__ == "__main__":
    main()
