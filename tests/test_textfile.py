"""Every file that people write comes through one reader; what is no text is one clear error."""

from __future__ import annotations

import codecs
import os
import socket
from pathlib import Path

import pytest

from atsbridge.errors import ConfigError, RuleError
from atsbridge.textfile import LIMIT, decode, matching, name_of, position, read_text

TEXT = "version: 1\nname: Zoë\n"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (TEXT.encode(), TEXT),
        (codecs.BOM_UTF8 + TEXT.encode(), TEXT),
        (codecs.BOM_UTF8 * 2 + TEXT.encode(), TEXT),  # saved by one program after another
        (TEXT.replace("\n", "\r\n").encode(), TEXT),
        (TEXT.replace("\n", "\r").encode(), TEXT),
        (b"", ""),
        (codecs.BOM_UTF8, ""),
        ("søknad 東京 \U0001f600".encode(), "søknad 東京 \U0001f600"),
    ],
)
def test_utf8_is_read_with_any_line_end_and_mark(tmp_path: Path, data: bytes, text: str) -> None:
    file = tmp_path / "one.yaml"
    file.write_bytes(data)
    assert read_text(file) == text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "UTF-16 text (little endian)"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "UTF-16 text (big endian)"),
        (TEXT.encode("utf-16-le"), "UTF-16 text (little endian)"),
        (TEXT.encode("utf-16-be"), "UTF-16 text (big endian)"),
        ("notes: Встреча с командой".encode("utf-16-le"), "UTF-16 text (little endian)"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "UTF-32 text (little endian)"),
        (codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), "UTF-32 text (big endian)"),
        (TEXT.encode("utf-32-le"), "UTF-32 text (little endian)"),
        (TEXT.encode("utf-32-be"), "UTF-32 text (big endian)"),
        (b"PK\x03\x04rest of an xlsx", "a zip archive or a spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel or Word document"),
        (b"\x1f\x8b\x08\x00", "compressed with gzip"),
        (b"%PDF-1.7", "a PDF document"),
    ],
)
def test_another_encoding_or_format_is_named(data: bytes, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        decode(data, "one.yaml")
    assert str(caught.value) == f"one.yaml: this file is {words}. Save it as UTF-8 text"


@pytest.mark.parametrize(
    ("data", "where", "words"),
    [
        ("version: 1\nname: Zoë\n".encode("latin-1"), "2:9", "Windows-1252 or Latin-1"),
        ("a: é\r\nb: \x80".encode("latin-1"), "1:4", "Windows-1252 or Latin-1"),
        ("a: é\r\nb: ".encode() + b"\x93quoted\x94", "2:4", "Windows-1252 or Latin-1"),
        (b"a: \xed\xa0\x80", "1:4", "Windows-1252 or Latin-1"),  # half a surrogate pair
        (b"a: caf\xe9", "1:7", "Windows-1252 or Latin-1"),
        ("é".encode() + b"a: caf\xe9", "1:8", "cut off"),
        (b"a: \x81\x8d", "1:4", "the first byte that does not fit"),
        (b"a: \xff\xff\x81", "1:4", "the first byte that does not fit"),
        ("a: 東".encode()[:-1], "1:4", "cut off"),
        (codecs.BOM_UTF8 + b"\xff\xc0\xc1\x81", "1:1", "the first byte that does not fit"),
        (b"a: 1\nb: \x00", "2:4", "a NUL character"),
        (b"ab\x00", "1:3", "a NUL character"),
    ],
)
def test_the_first_bad_byte_is_named_by_line_and_column(
    data: bytes, where: str, words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        decode(data, "one.yaml")
    assert caught.value.where == f"one.yaml:{where}"
    assert words in caught.value.what


def test_no_error_shows_what_a_secret_file_holds(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_bytes(b"s3cr3t-tok\xe9n")
    with pytest.raises(ConfigError) as caught:
        read_text(file)
    assert "s3cr3t" not in repr(caught.value) + str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.timeout(20)
def test_what_is_no_regular_file_is_refused_and_never_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "loop"
    os.mkfifo(pipe)
    link.symlink_to(link)
    with socket.socket(socket.AF_UNIX) as one:
        monkeypatch.chdir(tmp_path)  # the path of a socket must be short
        one.bind("socket")
        for path, words in (
            (tmp_path, "a folder"),
            (pipe, "a pipe"),
            (tmp_path / "socket", "a socket"),
            (Path("/dev/zero"), "a device"),
            (link, "cannot be read"),
            (tmp_path / ("x" * 300), "cannot be read"),
            (Path("a\0b"), "no name of a file"),
            (tmp_path / "absent", "no such file"),
            (tmp_path / "absent" / "deeper", "no such file"),
        ):
            with pytest.raises(RuleError) as caught:
                read_text(path, error=RuleError)
            assert words in caught.value.what, path


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_who_may_not(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.touch(mode=0o000)
    with pytest.raises(ConfigError, match=r"may not be read. Allow the user that runs atsbridge"):
        read_text(file)


def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(b"a" * 1024)
    assert len(read_text(file, limit=1024)) == 1024
    file.write_bytes(b"a" * 1025)
    with pytest.raises(ConfigError, match="this file is larger than 1 kB"):
        read_text(file, limit=1024)


def test_a_sparse_file_of_a_terabyte_costs_no_more_than_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "sparse"
    with file.open("wb") as handle:
        handle.truncate(1 << 40)
    with pytest.raises(ConfigError, match="this file is larger than 4 MB"):
        read_text(file)
    assert LIMIT == 4 << 20


def test_positions_count_from_one() -> None:
    text = "ab\n\ncd"
    assert [position(text, at) for at in range(7)] == [
        (1, 1), (1, 2), (1, 3), (2, 1), (3, 1), (3, 2), (3, 3),
    ]  # fmt: skip


def test_a_file_below_the_settings_is_named_from_there(tmp_path: Path) -> None:
    assert name_of(tmp_path / "a" / "b.yaml", tmp_path) == "a/b.yaml"
    assert name_of(Path("/elsewhere/b.yaml"), tmp_path) == "/elsewhere/b.yaml"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.csv", ["A.CSV", "b.csv"]),
        ("*.CSV", ["A.CSV", "b.csv"]),
        ("[a-z].CSV", ["b.csv"]),
        ("b.CSV", []),
        ("*.[c]sv", ["b.csv"]),
        ("*", ["A.CSV", "b.csv", "c.txt"]),
    ],
)
def test_the_ending_of_a_pattern_is_found_in_any_case(
    tmp_path: Path, pattern: str, found: list[str]
) -> None:
    """A file from another system is not left out for its ending; a name is as it is written."""
    for name in ("A.CSV", "b.csv", "c.txt"):
        (tmp_path / name).touch()
    assert [one.name for one in matching(pattern, tmp_path)] == found
