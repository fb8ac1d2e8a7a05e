"""Make typical mistakes in connectors, and see which of them the contract finds.

    python tools/connector_mistakes.py              all of tools/connector_mistakes.toml
    python tools/connector_mistakes.py "a day late" "a memory"

Each mistake is made in a connector that keeps the contract: one that `atsbridge new connector`
writes, or a copy of a real one. First the check that is meant for it
runs, then, if that found nothing, the whole contract. Prints a line for each mistake and the share
that was found; exits 1 if it is below 95%.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import pytest  # noqa: E402
from tests.testing import rich_api  # noqa: E402
from tests.testing.generated import Change, generate_package, load  # noqa: E402

DATA = ROOT / "tools/connector_mistakes.toml"
WANTED = 0.95
LOADING = "when it is loaded"
_OPTIONS = (
    *("-x", "-q", "-n", "0", "--timeout", "300"),
    *("-p", "no:randomly", "-p", "no:cacheprovider"),
    *("-o", "filterwarnings="),  # pytest warns that the contract was imported before
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One mistake, as in the file. `also`: further changes, each (old, new).

    `file`: the module of a real connector that is changed; "" for a generated one.
    """

    name: str
    what: str
    on: str
    old: str
    new: str
    caught_by: str
    file: str = ""
    also: Sequence[Sequence[str]] = ()

    @property
    def changes(self) -> list[Change]:
        """All changes of the connector's module."""
        further = [(old, new) for old, new in self.also]
        return [*_base(self.on)[1], (self.old, self.new), *further]

    @property
    def style(self) -> str:
        """The option of `atsbridge new connector`."""
        return _base(self.on)[0]

    @property
    def fake_changes(self) -> Sequence[Change]:
        """The changes of the fake that it is tested with."""
        return _base(self.on)[2]


def _base(on: str) -> tuple[str, Sequence[Change], Sequence[Change]]:
    if on == "rich":
        return "--post", rich_api.CONNECTOR, rich_api.FAKE
    return ("--post" if on == "post" else ""), (), ()


def read_mistakes() -> list[Mistake]:
    """The mistakes of the file, in its order."""
    with DATA.open("rb") as file:
        return [Mistake(**one) for one in tomllib.load(file)["mistake"]]


def find(mistake: Mistake) -> str:
    """What found the mistake: the name of a check, or LOADING; "" if nothing did."""
    if mistake.file:
        return _find_in_real(mistake)
    package, module = generate_package(mistake.style, mistake.changes, mistake.fake_changes)
    try:
        load(package, module)
    except Exception:  # noqa: BLE001  whatever it raises, its author sees it at once
        return LOADING
    return _run(package, "-k", mistake.caught_by) or _run(package)


def _find_in_real(mistake: Mistake) -> str:
    """As `find`, in a copy of a connector of this repository and a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / mistake.on
        shutil.copytree(ROOT / "plugins" / mistake.on, copy)
        module = copy / f"src/atsbridge_{mistake.on}" / mistake.file
        text = module.read_text("utf-8")
        if text.count(mistake.old) != 1:
            raise SystemExit(f"{mistake.name}: `old` does not stand once in {mistake.file}")
        module.write_text(text.replace(mistake.old, mistake.new), "utf-8")
        return _run_copy(copy, mistake, "-k", mistake.caught_by) or _run_copy(copy, mistake)


def _run_copy(copy: Path, mistake: Mistake, *which: str) -> str:
    test = copy / f"tests/test_{mistake.on}_contract.py"
    command = [sys.executable, "-m", "pytest", *_OPTIONS, "-rf", "--rootdir", str(copy)]
    done = subprocess.run(
        [*command, *which, str(test)],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    failed = re.search(
        r"^(?:FAILED|ERROR) \S*?(?:::(\w+))?(?:\[.*)?(?: - .*)?$", done.stdout, re.MULTILINE
    )
    if done.returncode == 1 and failed:
        return failed[1] or LOADING
    return LOADING if done.returncode in (2, 3, 4) else ""


def _run(package: Path, *which: str) -> str:
    """The first check of the package that fails; "" if none does."""
    seen = _FirstFailure()
    sys.path.insert(0, str(package / "src"))
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            here = ("--rootdir", str(package), "-c", str(package / "pyproject.toml"))
            pytest.main([*_OPTIONS, *here, *which, str(package)], plugins=[seen])
    finally:
        sys.path.remove(str(package / "src"))
    return seen.name


class _FirstFailure:
    """A plugin of pytest that remembers the first test that failed."""

    name = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.name:
            self.name = report.nodeid.rpartition("::")[2]


def main(names: Sequence[str]) -> int:
    """Run the mistakes of these names, or all; returns the exit code."""
    mistakes = [one for one in read_mistakes() if not names or one.name in names]
    missed = 0
    for mistake in mistakes:
        found = find(mistake)
        missed += not found
        print(
            f"{'found ' if found else 'MISSED'} {mistake.name}: {found or mistake.what}", flush=True
        )
    share = 1 - missed / len(mistakes)
    print(f"{len(mistakes) - missed} of {len(mistakes)} mistakes found ({share:.1%})")
    return 0 if share >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
