"""Files that people name are written whole, and nothing else is lost by it."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from atsbridge.errors import ConfigError
from atsbridge.outputfile import replace_file, require_beginning, write_output

PAGE = b"<!DOCTYPE html><p>new"


def names(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


def test_a_new_file_is_its_owners(tmp_path: Path) -> None:
    replace_file(tmp_path / "report.html", PAGE)
    assert (tmp_path / "report.html").read_bytes() == PAGE
    assert stat.S_IMODE((tmp_path / "report.html").stat().st_mode) == 0o600
    replace_file(tmp_path / "a.prom", b"# HELP a", 0o644)
    assert stat.S_IMODE((tmp_path / "a.prom").stat().st_mode) == 0o644


@pytest.mark.parametrize("earlier", [b"", b"<!DOCTYPE html><p>old and much longer"])
def test_an_earlier_one_is_replaced(earlier: bytes, tmp_path: Path) -> None:
    """Cron writes the same report every morning."""
    file = tmp_path / "report.html"
    file.write_bytes(earlier)
    replace_file(file, PAGE)
    assert file.read_bytes() == PAGE
    assert names(tmp_path) == ["report.html"]


@pytest.mark.parametrize(
    "other", [b"[accounts.acme]\n", b"SQLite format 3\x00", b"rules:\n", b"x", b"<!DOC"]
)
def test_what_is_something_else_stays(other: bytes, tmp_path: Path) -> None:
    """The settings, the store, a pack: one slip of the hand must not cost them."""
    file = tmp_path / "atsbridge.toml"
    file.write_bytes(other)
    with pytest.raises(ConfigError, match="the report cannot be written") as raised:
        write_output(file, PAGE.decode(), "the report")
    assert raised.value.where == str(file)
    assert file.read_bytes() == other
    assert names(tmp_path) == ["atsbridge.toml"]


def test_a_link_stays_and_leads_to_the_new_content(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "link.html").symlink_to(tmp_path / "kept" / "report.html")
    replace_file(tmp_path / "link.html", PAGE)
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "kept" / "report.html").read_bytes() == PAGE


def test_a_link_to_something_else_stays(tmp_path: Path) -> None:
    (tmp_path / "atsbridge.toml").write_bytes(b"[accounts.acme]\n")
    (tmp_path / "link.html").symlink_to(tmp_path / "atsbridge.toml")
    with pytest.raises(FileExistsError):
        replace_file(tmp_path / "link.html", PAGE)
    assert (tmp_path / "atsbridge.toml").read_bytes() == b"[accounts.acme]\n"


def test_a_pipe_gets_the_content_and_stays_a_pipe(tmp_path: Path) -> None:
    """As does a device: root could replace /dev/null by a report otherwise."""
    pipe, found = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    replace_file(pipe, PAGE)
    reader.join(timeout=10)
    assert found == [PAGE]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_write_that_fails_leaves_no_half_file(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OSError, match=r"directory|Directory"):
        replace_file(tmp_path / "report.html", PAGE)
    assert names(tmp_path) == ["report.html"]


def test_a_file_to_append_to_is_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "log"
    require_beginning(file, b"{")
    file.write_bytes(b"")
    require_beginning(file, b"{")
    file.write_bytes(b'{"ts": 1}\n')
    require_beginning(file, b"{")
    file.write_bytes(b"[accounts.acme]\n")
    with pytest.raises(FileExistsError):
        require_beginning(file, b"{")
