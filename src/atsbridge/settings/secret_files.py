"""Secrets that stand in files of their own: read when they are used, never before.

A key NAME_file of a section names the file with NAME in it. Errors show the path, never the text.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from atsbridge.errors import ConfigError
from atsbridge.textfile import SECRET_LIMIT, read_text

SUFFIX = "_file"
_OTHERS_MAY_READ = stat.S_IRGRP | stat.S_IROTH


def read_secret(path: Path) -> str:
    """The text of a secret file, without the blanks around it. ConfigError where there is none."""
    text = read_text(path, name=f"the secret file {path}", limit=SECRET_LIMIT).strip()
    if not text:
        raise ConfigError(
            "this file is empty",
            where=f"the secret file {path}",
            remedy="Put the secret into it, or name another file",
        )
    return text


def is_exposed(path: Path) -> bool:
    """Whether others than the file's owner may read it; False where nobody can tell."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116  follows links, like reading does
    except (OSError, ValueError):
        return False
    return bool(mode & _OTHERS_MAY_READ)
