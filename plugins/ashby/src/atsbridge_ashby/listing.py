"""How Ashby's lists are asked for: `POST /resource.list` with a JSON body.

Lists that can be synced return a `syncToken` with their last page; a later request with it returns
what changed since. No list can be filtered by the time of a change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from atsbridge.api import CursorPages, Fragment, Incremental, Reconciliation, Stream

LIMIT = 100  # rows on a page, the vendor's maximum
TOKEN = "syncToken"  # noqa: S105  the name of a parameter
# A token never shows again what an answer left out. A long list is compared with all of it in one
# night a week: at 10,000 active applications that takes 600 requests.
WEEKLY = Incremental(token=TOKEN, whole_every=timedelta(days=7))
Normalize = Callable[[Any], Iterable[Fragment]]
Owned = Mapping[str, tuple[str, ...]]


def pages() -> CursorPages:
    """The paginator of every list. Unpaged ones say neither that there is more nor where."""
    return CursorPages(
        "results", ("nextCursor",), "cursor", more=("moreDataAvailable",), token=(TOKEN,)
    )


def synced(
    name: str, action: str, row: type[Any], normalize: Normalize, owns: Owned, **more: Any
) -> Stream:
    """A list that is read by sync token, and whole at night. `more`: other fields of `Stream`."""
    params = {"limit": LIMIT, **more.pop("params", {})}
    how: dict[str, Any] = {
        "incremental": Incremental(token=TOKEN),
        "reconciliation": Reconciliation(complete=True),
        **more,
    }
    return asked(name, action, row, normalize, owns, params=params, **how)


def asked(
    name: str, action: str, row: type[Any], normalize: Normalize, owns: Owned, **more: Any
) -> Stream:
    """A list of any kind. `more`: other fields of `Stream`."""
    return Stream(
        name=name,
        path=f"/{action}",
        method="POST",
        row=row,
        normalize=normalize,
        owns=owns,
        **more,
    )
