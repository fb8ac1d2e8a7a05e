"""Nearly every typical mistake in a connector is found by the contract."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.torture
def test_the_contract_finds_nearly_every_mistake() -> None:
    """At least 95% of tools/connector_mistakes.toml; what was missed is printed."""
    tool = [sys.executable, "tools/connector_mistakes.py"]
    done = subprocess.run(tool, cwd=ROOT, capture_output=True, text=True, check=False)
    missed = [line for line in done.stdout.splitlines() if line.startswith("MISSED")]
    assert done.returncode == 0, f"{missed}\n{done.stdout[-200:]}\n{done.stderr[-2000:]}"
