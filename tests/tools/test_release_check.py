"""The tools behind `make release-check`, `make audit` and `make check`, on good and bad input."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ..docs.pages import ROOT, load_tool


@pytest.fixture(scope="module")
def release() -> Any:
    return load_tool("release_check")


def test_versions_and_bounds_fit_together(release: Any) -> None:
    """Every plugin works with this core, every extra with this plugin, and each has a cap."""
    assert list(release.bound_faults()) == []


def test_planted_bounds_are_found(release: Any) -> None:
    """A bound that leaves the version out, and one without a cap."""
    need = release.Requirement("atsbridge>=0.2")
    assert list(release._bound("atsbridge-x", need, release.Version("0.1.0"))) == [
        "atsbridge-x needs atsbridge>=0.2, but that is 0.1.0",
        "atsbridge-x needs atsbridge>=0.2 without an upper bound",
    ]


@pytest.mark.timeout(300)
def test_built_packages_are_whole(
    release: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wheel and a source archive of each, built without a network, with all they need."""
    monkeypatch.setattr(release, "DIST", tmp_path / "dist")
    files = release.build()
    names = {file.name.split("-")[0] for file in files}
    assert names == {release.project(one)["name"].replace("-", "_") for one in release.PACKAGES}
    assert len(files) == 2 * len(names)
    assert list(release.content_faults(files)) == []


def test_planted_gaps_are_found(release: Any, tmp_path: Path) -> None:
    """A wheel without license, entry points and packs, with a test in it."""
    file = tmp_path / "atsbridge-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr("atsbridge/__init__.py", "")
        wheel.writestr("atsbridge/tests/test_x.py", "")
    faults = list(release.content_faults([file]))
    assert f"{file.name} has atsbridge/tests/test_x.py" in faults
    assert f"{file.name} has no LICENSE" in faults
    assert f"{file.name} has no entry point" in faults
    assert f"{file.name} lacks atsbridge/packs/responsiveness.yaml" in faults
    assert f"{file.name} lacks atsbridge/py.typed" in faults


def test_each_license_is_the_same() -> None:
    """Of the core and of every plugin."""
    texts = {
        file.read_text("utf-8") for file in [ROOT / "LICENSE", *ROOT.glob("plugins/*/LICENSE")]
    }
    assert len(texts) == 1


def test_release_notes_are_the_newest_section(release: Any) -> None:
    """Without its title, and without the section before it."""
    notes = release.notes()
    assert notes.strip()
    assert "\n## " not in notes


VULNERABLE = {"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}
SKIPPED = {"name": "b", "skip_reason": "not found"}
GOOD = {"name": "c", "version": "1", "vulns": []}


@pytest.mark.parametrize(
    ("stdout", "stderr", "code", "sentence"),
    [
        ("", "ConnectionError: no route", 2, "the service cannot be reached"),
        ({"dependencies": [SKIPPED]}, "", 2, "the service knows none of the packages"),
        ({"dependencies": [GOOD, SKIPPED]}, "", 2, "Not audited, unknown to the service: b"),
        ({"dependencies": [GOOD]}, "", 0, "1 packages audited, 0 known vulnerabilities"),
        ({"dependencies": [GOOD, VULNERABLE]}, "", 1, "a 1: CVE-1, fixed in 2"),
    ],
)
def test_an_audit_never_calls_silence_good(
    stdout: Any, stderr: str, code: int, sentence: str
) -> None:
    """No answer, half an answer, a good one and a bad one."""
    text = json.dumps(stdout) if stdout else ""
    lines, found = load_tool("audit").grade(text, stderr)
    assert found == code
    assert sentence in "\n".join(lines)


OLD = ("sh", "-c", "echo 'unrecognized option --offline' >&2; exit 1")


@pytest.mark.parametrize(
    ("command", "package", "good", "sentence"),
    [
        (("no-such-program",), "systemd", True, "left out x: no-such-program is not here"),
        (("no-such-program",), "", False, "FAULT x: no-such-program is missing"),
        (OLD, "systemd", True, "left out x: sh is too old here (Debian package systemd)"),
        (OLD, "", False, "FAULT x (sh)"),
        (("false",), "coreutils", False, "FAULT x (false)"),
        (("true",), "coreutils", True, "linted x with true"),
    ],
)
def test_a_linter_that_is_left_out_is_named(
    command: tuple[str, ...],
    package: str,
    good: bool,
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One of the system may be missing or too old; one of ours may not."""
    tool = load_tool("check_deploy")
    assert tool.check(tool.Linter("x", command, package)) is good
    assert sentence in capsys.readouterr().out


def test_every_page_is_laid_out_for_the_site(tmp_path: Path) -> None:
    """At its place, with what it links to."""
    from ..docs.pages import PAGES

    copied = load_tool("build_site").lay_out(tmp_path / "source")
    places = {file.relative_to(tmp_path / "source") for file in copied}
    assert {page.relative_to(ROOT) for page in PAGES} <= places
    assert Path("docs/images/explain.svg") in places
