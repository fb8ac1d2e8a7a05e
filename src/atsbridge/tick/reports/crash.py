"""Describe an unexpected exception without its message: its class and the places it passed.

The message and the values of such an exception may hold anything, so they are left out.
"""

from __future__ import annotations

import traceback
from pathlib import Path

from atsbridge.context import FailureCode, RunFailure


def frames(error: BaseException) -> list[str]:
    """The traceback: "package/file.py:line in function", outermost first."""
    return [
        f"{'/'.join(Path(one.filename).parts[-2:])}:{one.lineno} in {one.name}"
        for one in traceback.extract_tb(error.__traceback__)
    ]


def fault(account: str, error: BaseException, log: str) -> RunFailure:
    """The description of the exception. `log`: the file with its traceback, "" for none."""
    last = frames(error)[-1:] or ["an unknown place"]
    remedy = (
        f"Please report it; the traceback is in {log}, action fault"
        if log
        else "Please report it; with [run] log_file the traceback is kept there"
    )
    what = f"a fault of atsbridge itself: {type(error).__name__} at {last[0]}"
    return RunFailure(account, what, remedy, FailureCode.FAULT, detail=what)
