"""Secrets in files, which are read only when they are used.

The key NAME_file of a section names the file that holds NAME. Errors show the path, never the
text.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from pathlib import Path

from atsbridge.errors import ConfigError
from atsbridge.textfile import SECRET_LIMIT, read_text

SUFFIX = "_file"
_OTHERS_MAY_READ = stat.S_IRGRP | stat.S_IROTH


def read_secret(path: Path) -> str:
    """Read a secret file, without surrounding white space. ConfigError if it has no text,
    or characters that nobody sees."""
    text = read_text(path, name=f"the secret file {path}", limit=SECRET_LIMIT).strip()
    if not text:
        raise ConfigError(
            "this file is empty",
            where=f"the secret file {path}",
            remedy="Put the secret into it, or name another file",
        )
    hidden = next((char for char in text if unicodedata.category(char) == "Cf"), "")
    if hidden:  # copying from a browser can add such; the vendor would only report a wrong secret
        raise ConfigError(
            f"this file holds an invisible character (U+{ord(hidden):04X})",
            where=f"the secret file {path}",
            remedy="Write the secret anew without it",
        )
    return text


def is_exposed(path: Path) -> bool:
    """Whether other users than its owner may read the file; False if that is not known."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116  follows links, like reading does
    except (OSError, ValueError):
        return False
    return bool(mode & _OTHERS_MAY_READ)
