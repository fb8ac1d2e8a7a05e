"""Only the store's own files lose the rights of others."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from atsbridge.store.database.file_permissions import make_private


def test_a_file_is_closed_to_others_and_what_is_no_file_stays(tmp_path: Path) -> None:
    """Root may name /dev/null as a store: it must stay open to everybody."""
    database, pipe = tmp_path / "a.db", tmp_path / "pipe"
    database.touch(0o644)
    os.mkfifo(pipe)
    pipe.chmod(0o666)
    for path in (database, pipe):
        make_private(path)
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert stat.S_IMODE(pipe.stat().st_mode) == 0o666
