"""Secrets from commands: no shell, bounded, and nothing that was printed is ever repeated."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from atsbridge.errors import ConfigError
from atsbridge.settings import secret_commands
from atsbridge.settings.secret_commands import parse_command, run_secret_command


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_the_output_is_the_secret(tmp_path: Path) -> None:
    """Without the line end; the command runs beside the settings."""
    (tmp_path / "vault").write_text(" s3cret-ü \n", "utf-8")
    code = "import sys; sys.stdout.buffer.write(open('vault', 'rb').read())"
    assert run_secret_command(python(code), tmp_path) == "s3cret-ü"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("print('hunter2'); raise SystemExit(3)", "ended with exit code 3"),
        ("import sys; print('hunter2', file=sys.stderr); raise SystemExit(1)", "exit code 1"),
        ("pass", "printed nothing"),
        ("print('hunter2' * 20_000)", "printed too much for a secret"),
        ("import sys; sys.stdout.buffer.write(b'hunter2\\xff')", "bytes that are not UTF-8"),
        ("import os; os.kill(os.getpid(), 9)", "ended with exit code -9"),
        ("input()", "ended with exit code 1"),  # it has no input to wait for
    ],
)
def test_what_goes_wrong_is_said_without_the_output(code: str, error: str, tmp_path: Path) -> None:
    """Neither the secret nor the arguments, which may hold one."""
    with pytest.raises(ConfigError) as caught:
        run_secret_command(python(code), tmp_path)
    assert error in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert code not in str(caught.value)


def test_a_command_that_never_ends_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After LONGEST seconds."""
    monkeypatch.setattr(secret_commands, "LONGEST", 0.2)
    with pytest.raises(ConfigError, match="took longer than"):
        run_secret_command(python("import time; time.sleep(60)"), tmp_path)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_command_that_prints_without_end_is_ended(tmp_path: Path, stream: str) -> None:
    """At the first byte too many; what it prints elsewhere is not kept."""
    code = (
        "import os, sys\n"
        f"open('id', 'w').write(str(os.getpid()))\n"
        f"for _ in range(2_000_000 if {stream!r} == 'stdout' else 20):\n"
        f"    sys.{stream}.write('x' * 1_000_000)\n"
        "print('s3cret')\n"
    )
    if stream == "stderr":
        assert run_secret_command(python(code), tmp_path) == "s3cret"
        return
    with pytest.raises(ConfigError, match="printed too much for a secret"):
        run_secret_command(python(code), tmp_path)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "id").read_text()), 0)


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    """cron's PATH is short: the remedy says so."""
    with pytest.raises(ConfigError, match="cron has a short PATH"):
        run_secret_command(["no-such-program-here"], tmp_path)


@pytest.mark.parametrize(
    ("value", "command"),
    [
        (["vault", "read", "x y"], ("vault", "read", "x y")),
        ("vault read 'x y'", ("vault", "read", "x y")),
        ("echo $HOME; rm x", ("echo", "$HOME;", "rm", "x")),  # no shell sees it
    ],
)
def test_a_command_is_a_list_or_a_text(value: object, command: tuple[str, ...]) -> None:
    assert parse_command(value) == command


@pytest.mark.parametrize("value", ["", "  ", [], [""], ["a", 1], {"a": 1}, 7, "a 'b", ["a\0b"]])
def test_what_is_no_command(value: object) -> None:
    with pytest.raises(ValueError, match="command"):
        parse_command(value)
