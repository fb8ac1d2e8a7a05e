"""A fault of our own, told without what it was about: its kind, and the places it came through.

Messages and values of such an error may hold anything, so neither is kept. That it costs only the
account is `tick`'s doing.
"""

from __future__ import annotations

import traceback
from pathlib import Path

from atsbridge.context import RunFailure


def frames(error: BaseException) -> list[str]:
    """The traceback: "package/file.py:line in function", outermost first."""
    return [
        f"{'/'.join(Path(one.filename).parts[-2:])}:{one.lineno} in {one.name}"
        for one in traceback.extract_tb(error.__traceback__)
    ]


def fault(account: str, error: BaseException, log: str) -> RunFailure:
    """What is told of it; `log`: the file its traceback was written to, "" for none."""
    last = frames(error)[-1:] or ["an unknown place"]
    remedy = (
        f"Please report it; the traceback is in {log}, action fault"
        if log
        else "Please report it; with [run] log_file the traceback is kept there"
    )
    what = f"a fault of atsbridge itself: {type(error).__name__} at {last[0]}"
    return RunFailure(account, what, remedy)
