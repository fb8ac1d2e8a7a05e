"""Secrets from commands, such as a password manager's. A command runs only when its secret is used.

The key NAME_command of a section is the command that prints NAME. Errors show the name of the
program and how it ended, never what it printed.
"""

from __future__ import annotations

import os
import selectors
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

from atsbridge.errors import ConfigError
from atsbridge.textfile import SECRET_LIMIT
from atsbridge.timesource import SystemTime, TimeSource

COMMAND_SUFFIX = "_command"
LONGEST = 30.0  # seconds; a password manager that asks a server answers within a few


def parse_command(value: object) -> tuple[str, ...]:
    """Program and arguments, from a list of texts or from one text as a shell would split it.

    ValueError for anything else, and for an empty command. No shell is involved.
    """
    if isinstance(value, str):
        try:
            value = shlex.split(value)
        except ValueError as error:
            raise ValueError(f"this command cannot be split: {str(error).lower()}") from None
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise ValueError('write the command as a list of texts: ["vault", "read", "secret/ats"]')
    if not value or not value[0].strip() or any("\0" in one for one in value):
        raise ValueError("this command is empty")
    return tuple(value)


def run_secret_command(command: Sequence[str], folder: Path) -> str:
    """What the command prints on stdout, without surrounding white space.

    It runs in `folder`, without standard input, for at most LONGEST seconds. ConfigError if it
    fails, prints nothing, or prints more than a secret's length.
    """
    name = f"the secret command {command[0]}"
    try:
        output, code = _run(command, folder)
    except subprocess.TimeoutExpired:
        remedy = "Run it by hand: it may wait for an answer or for its server"
        raise ConfigError(f"{name} took longer than {LONGEST:.0f} s", remedy=remedy) from None
    except OSError as error:
        remedy = "Correct the name, or give its whole path: cron has a short PATH"
        raise ConfigError(f"{name} cannot be run: {error.strerror}", remedy=remedy) from None
    if len(output) > SECRET_LIMIT:
        raise ConfigError(f"{name} printed too much for a secret", remedy="Print the secret only")
    if code:
        remedy = "Run it by hand, as the user that runs atsbridge"
        raise ConfigError(f"{name} ended with exit code {code}", remedy=remedy)
    try:
        text = output.decode("utf-8").strip()
    except UnicodeDecodeError:
        remedy = "Print the secret only"
        raise ConfigError(f"{name} printed bytes that are not UTF-8", remedy=remedy) from None
    if not text:
        raise ConfigError(f"{name} printed nothing", remedy="Run it by hand")
    return text


def _run(command: Sequence[str], folder: Path) -> tuple[bytes, int]:
    """(what it prints on stdout, its exit code). It is killed once it has printed too much.

    OSError if it cannot be started; TimeoutExpired after LONGEST seconds.
    """
    clock = SystemTime()
    end = clock.monotonic() + LONGEST
    with subprocess.Popen(  # noqa: S603  the command is the operator's own setting
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            output = _read_some(process, clock, end)
            if len(output) > SECRET_LIMIT:
                process.kill()
            return output, process.wait(timeout=max(end - clock.monotonic(), 0.0))
        except BaseException:
            process.kill()
            raise


def _read_some(process: subprocess.Popen[bytes], clock: TimeSource, end: float) -> bytes:
    """The output until it ends, or until it is longer than a secret."""
    found = bytearray()
    stdout = cast("IO[bytes]", process.stdout)
    with selectors.DefaultSelector() as pipe:
        pipe.register(stdout, selectors.EVENT_READ)
        while len(found) <= SECRET_LIMIT:
            if not pipe.select(max(end - clock.monotonic(), 0.0)):
                raise subprocess.TimeoutExpired(process.args, LONGEST)
            part = os.read(stdout.fileno(), SECRET_LIMIT + 1)
            if not part:
                break
            found += part
    return bytes(found)
