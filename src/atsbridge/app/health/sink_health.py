"""The sinks: whether each can be opened, and what it says of its credential and permissions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, cast

from atsbridge.errors import AtsbridgeError
from atsbridge.ports import Checked, Checking

if TYPE_CHECKING:
    from atsbridge.context import Services

_UNSEEN = "shows only once something is sent: try `atsbridge doctor --send-test WHO`"


def used(app: Services, accounts: Iterable[str]) -> list[str]:
    """The sinks these accounts may use, each once; the ATS itself is not one of them."""
    names = dict.fromkeys(one for name in accounts for one in app.sink_names(name))
    return [name for name in names if name != "ats"]


def check(app: Services, name: str) -> Iterator[Checked]:
    """Its credential and permissions, where it can tell without sending."""
    try:
        sink = app.open_sink(name)
        if not sink.spec.checks:
            yield Checked("opened", good=True, detail=_UNSEEN)
            return
        yield from cast("Checking", sink).check()
    except AtsbridgeError as error:
        yield Checked("connection", good=False, detail=error.what, remedy=error.remedy)
    except Exception as error:  # noqa: BLE001  a plugin's fault is a line, too
        what = f"the sink raised {type(error).__name__}"
        yield Checked("connection", False, what, "Report it to the author of the sink")
