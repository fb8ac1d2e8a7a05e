"""A fragment: the columns of a record that one stream of an ATS supplies.

Which columns a stream owns is declared in its spec (`ports.Stream.owns`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple


class Fragment(NamedTuple):
    """Values of record `kind`/`id`, one for every column the stream owns of that kind.

    Instants are aware datetimes, dates are dates, absent is None, refs are ids as text.
    """

    kind: str
    id: str
    values: Mapping[str, Any]


def by_column(
    several: Iterable[Mapping[str, Any]], names: Sequence[str]
) -> Mapping[str, Sequence[Any]]:
    """The values of several fragments by column. KeyError names a column that one of them lacks."""
    if len(names) == 1:
        return {names[0]: tuple(values[names[0]] for values in several)}
    columns = zip(*map(itemgetter(*names), several), strict=True) if names else ()
    return dict(zip(names, columns, strict=False))
