"""Secrets in files: what surrounds them is left out, what nobody sees is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from atsbridge.errors import ConfigError
from atsbridge.settings.secret_files import read_secret


@pytest.mark.parametrize("written", ["made-up", "made-up\r\n", "\ufeffmade-up\n", "\u00a0made-up "])
def test_what_surrounds_a_secret_is_left_out(tmp_path: Path, written: str) -> None:
    """Line ends, a byte order mark and white space."""
    file = tmp_path / "secret"
    file.write_bytes(written.encode())
    assert read_secret(file) == "made-up"


@pytest.mark.parametrize("hidden", ["\u200b", "\u200e", "\u2060", "\u00ad"])
def test_an_invisible_character_is_named(tmp_path: Path, hidden: str) -> None:
    """Else the vendor would refuse the secret, and nobody would see why; it is not shown."""
    file = tmp_path / "secret"
    file.write_text(f"made{hidden}-up\n", "utf-8")
    with pytest.raises(ConfigError, match=f"U\\+{ord(hidden):04X}") as found:
        read_secret(file)
    assert str(file) in found.value.where
    assert "made" not in str(found.value)
