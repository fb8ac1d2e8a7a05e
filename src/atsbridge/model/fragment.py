"""A fragment: the columns of a record that one stream of an ATS supplies.

Which columns a stream owns is declared in its spec (`ports.Stream.owns`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Fragment(NamedTuple):
    """Values of record `kind`/`id`, one for every column the stream owns of that kind.

    Instants are aware datetimes, dates are dates, absent is None, refs are ids as text.
    """

    kind: str
    id: str
    values: Mapping[str, Any]
