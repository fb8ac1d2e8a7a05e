"""Packages as `atsbridge new connector` makes them, importable for the rest of the run."""

from __future__ import annotations

import atexit
import importlib
import sys
import tempfile
from collections.abc import Iterable
from itertools import count
from pathlib import Path

from click.testing import CliRunner

from atsbridge.cli.new import new
from atsbridge.ports import ConnectorSpec

_numbers = count(1)
Change = tuple[str, str]  # a piece of the code, which must stand there once, and what replaces it


def generate(
    style: str = "", changes: Iterable[Change] = (), fake_changes: Iterable[Change] = ()
) -> ConnectorSpec:
    """The spec of a newly generated connector whose code was changed. `style`: "--post" or ""."""
    folder = tempfile.TemporaryDirectory(prefix="atsbridge-generated-")
    atexit.register(folder.cleanup)
    name = f"generated{next(_numbers)}"
    made = ["connector", name, "--into", folder.name, *([style] if style else [])]
    CliRunner().invoke(new, made, catch_exceptions=False, standalone_mode=False)
    sources = Path(folder.name) / f"atsbridge-{name}/src"
    for file, pairs in (("connector", changes), ("fake", fake_changes)):
        path = sources / f"atsbridge_{name}/{file}.py"
        text = path.read_text("utf-8")
        for right, wrong in pairs:
            assert text.count(right) == 1, f"{text.count(right)} times in {file}.py: {right}"
            text = text.replace(right, wrong)
        path.write_text(text, "utf-8")
    sys.path.insert(0, str(sources))
    try:
        spec: ConnectorSpec = importlib.import_module(f"atsbridge_{name}.connector").SPEC
        importlib.import_module(f"atsbridge_{name}.fake")
    finally:
        sys.path.remove(str(sources))
    return spec
