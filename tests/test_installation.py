"""What is missing or too old is named with the version to install."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest

from atsbridge.installation import repair_advice, unmet_requirements

DECLARED = [
    "urllib3>=2.0.2",
    "holidays>=0.109",
    "PyYAML>=6.0.2",
    'psycopg[binary]>=3.2; extra == "postgres"',
]
MET = {"urllib3": "2.0.2", "holidays": "0.109", "PyYAML": "6.0.2"}


def install(
    monkeypatch: pytest.MonkeyPatch, versions: dict[str, str], declared: list[str] = DECLARED
) -> None:
    def version(name: str) -> str:
        if name not in versions:
            raise metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(metadata, "requires", lambda name: declared)
    monkeypatch.setattr(metadata, "version", version)


@pytest.mark.parametrize(
    ("changed", "unmet"),
    [
        ({}, []),
        ({"urllib3": "1.26.20"}, ["urllib3>=2.0.2"]),
        ({"urllib3": "2.0"}, ["urllib3>=2.0.2"]),
        ({"urllib3": "2.10"}, []),
        ({"urllib3": "2.0.2.post1"}, []),
        ({"urllib3": "3.0rc1"}, []),
        ({"urllib3": "nobody knows"}, []),
        ({"holidays": "0.60"}, ["holidays>=0.109"]),
        ({"holidays": "1.0"}, []),
        ({"holidays": "0.109.0"}, []),
        ({"PyYAML": "5", "holidays": "0.9"}, ["holidays>=0.109", "PyYAML>=6.0.2"]),
    ],
)
def test_a_version_is_compared_by_its_numbers(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], unmet: list[str]
) -> None:
    """0.109 is newer than 0.60; what cannot be compared is believed; an extra is nobody's need."""
    install(monkeypatch, MET | changed)
    assert unmet_requirements() == unmet


def test_what_is_missing_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One command for all of them; without any, the advice is to check and to reinstall."""
    install(monkeypatch, {"urllib3": "1.26.20", "PyYAML": "6.0.3"})
    assert repair_advice().endswith('pip install "urllib3>=2.0.2" "holidays>=0.109"')
    install(monkeypatch, MET)
    assert "pip check" in repair_advice()


def test_a_checkout_that_is_not_installed_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without metadata nobody knows what is declared."""

    def unknown(name: str) -> list[str]:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", unknown)
    assert unmet_requirements() == []


def test_every_declared_requirement_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line of pyproject.toml outside extras is a name and a floor that can be compared."""
    plain = [one for one in metadata.requires("atsbridge") or [] if ";" not in one]

    def nothing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", nothing)
    assert sorted(unmet_requirements()) == sorted(plain)


def run_without(module: str, *command: str, known: bool = True) -> subprocess.CompletedProcess[str]:
    """A command in a process that cannot import `module`; nor, if `known`, finds it installed."""
    code = f"import sys; sys.modules[{module!r}] = None\n"
    if known:
        code += (
            "from importlib import metadata\nreal = metadata.version\n"
            "def version(name):\n"
            f"    if name.lower() == {module!r}: raise metadata.PackageNotFoundError(name)\n"
            "    return real(name)\n"
            "metadata.version = version\n"
        )
    code += f"sys.argv = ['atsbridge', *{list(command)!r}]\nfrom atsbridge.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


@pytest.mark.parametrize("module", ["requests", "pydantic"])
def test_a_library_that_is_missing_ends_a_command_with_what_to_install(module: str) -> None:
    """Whichever module needs it: exit 2, one line, no traceback, and no list of what is left."""
    done = run_without(module, "plugins")
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert module in line
    assert f'pip install "{module}>=' in line.lower()


def test_a_library_that_nothing_needed_yet_is_named_all_the_same() -> None:
    """Some are imported late: `plugins` says so before the night when they are needed."""
    done = run_without("jinja2", "plugins")
    assert done.returncode == 1
    assert "email" in done.stdout
    assert "jinja2>=" in done.stderr


def test_an_import_that_fails_for_another_reason_keeps_its_traceback() -> None:
    """Where every library is as declared, the fault is in a program: the place is needed."""
    done = run_without("click", "plugins", known=False)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
