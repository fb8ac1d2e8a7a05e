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


def generate_package(
    style: str = "", changes: Iterable[Change] = (), fake_changes: Iterable[Change] = ()
) -> tuple[Path, str]:
    """The folder of a newly generated package whose code was changed, and its module's name.

    `style`: "--post" or "". The folder is deleted when the process ends.
    """
    folder = tempfile.TemporaryDirectory(prefix="atsbridge-generated-")
    atexit.register(folder.cleanup)
    name = f"generated{next(_numbers)}"
    made = ["connector", name, "--into", folder.name, *([style] if style else [])]
    CliRunner().invoke(new, made, catch_exceptions=False, standalone_mode=False)
    package = Path(folder.name) / f"atsbridge-{name}"
    for file, pairs in (("connector", changes), ("fake", fake_changes)):
        path = package / f"src/atsbridge_{name}/{file}.py"
        text = path.read_text("utf-8")
        for right, wrong in pairs:
            assert text.count(right) == 1, f"{text.count(right)} times in {file}.py: {right}"
            text = text.replace(right, wrong)
        path.write_text(text, "utf-8")
    return package, f"atsbridge_{name}"


def load(package: Path, module: str) -> ConnectorSpec:
    """The spec of a generated package."""
    sys.path.insert(0, str(package / "src"))
    try:
        spec: ConnectorSpec = importlib.import_module(f"{module}.connector").SPEC
        importlib.import_module(f"{module}.fake")
    finally:
        sys.path.remove(str(package / "src"))
    return spec


def generate(
    style: str = "", changes: Iterable[Change] = (), fake_changes: Iterable[Change] = ()
) -> ConnectorSpec:
    """The spec of a newly generated connector whose code was changed."""
    return load(*generate_package(style, changes, fake_changes))
