"""Leave out values that no database can store, or the rows that hold them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from atsbridge.errors import PluginError, require_type
from atsbridge.model import KINDS, Correction, Null, by_column, corrections, is_id
from atsbridge.ports import RowWrite
from atsbridge.sync.rows.schema_drift import SHARE
from atsbridge.sync.sync_report import Tally


class RowBounds:
    """The bounds of one stream's rows. `columns`: kind -> columns, mapped ones included."""

    def __init__(self, account: str, stream: str, columns: Mapping[str, Sequence[str]]) -> None:
        self._account = account
        self._stream = stream
        self._columns = columns
        self._refused: Counter[str] = Counter()  # rows in which a "kind.field" was refused

    def apply(
        self, writes: Sequence[RowWrite], lost: frozenset[str], read: int, tally: Tally
    ) -> tuple[dict[int, str], frozenset[str]]:
        """Correct the rows in place.

        If an absent value means "unknown", only the value is left out of its row. If it would mean
        "not yet" or "none", the whole row is left out. A field that is refused in many of the
        `read` rows, or is already `lost`, becomes unknown, and the rows are stored without it.

        Returns (index of a row to leave out -> why, "kind.field"s that are unknown). Raises
        PluginError if a row has other columns than the stream declares.
        """
        out: dict[int, str] = {}
        unknown: set[str] = set()
        several: dict[str, list[Mapping[str, Any]]] = {}  # kind -> values of each fragment
        for at, row in enumerate(writes):
            for kind, record, values in row.fragments:
                several.setdefault(kind, []).append(values)
                if record != row.id and not _good(record):
                    out[at] = f"the id of a {kind} cannot be one"
        for kind, fragments in several.items():
            columns = self._by_column(kind, fragments)
            spots: list[tuple[int, int]] = []  # (row, fragment) of each
            for wrong in corrections(kind, columns):
                spots = spots or _spots(writes, kind)
                at, place = spots[wrong.at]
                _put(writes[at], place, wrong)
                path = f"{kind}.{wrong.column}"
                if not wrong.why:
                    continue
                self._refused[path] += 1
                if path in lost | unknown or self._refused[path] > max(1.0, SHARE * read):
                    unknown.add(path)
                    tally.add_loss(path, wrong.why, frozenset({path}))
                elif KINDS[kind].fields[wrong.column].null is Null.UNKNOWN:
                    tally.add_left_out(path, f"{self._stream}/{writes[at].id}: {wrong.why}")
                else:
                    out[at] = f"{path} is {wrong.why}"
        return out, frozenset(unknown)

    def _by_column(
        self, kind: str, fragments: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, Sequence[Any]]:
        """The values by column. PluginError if a fragment has other columns than declared."""
        owned = self._columns.get(kind)
        try:
            if owned is not None and {len(owned)}.issuperset(map(len, fragments)):
                return by_column(fragments, owned)
        except KeyError:
            pass
        wrong = next(one for one in fragments if owned is None or one.keys() != set(owned))
        raise PluginError(
            f"a {kind} has other columns than the stream declares ({_difference(owned, wrong)})",
            where=f"{self._account}/{self._stream}",
            remedy="Correct the connector: `normalize` must return what `Stream.owns` declares",
        )


def _difference(owned: Sequence[str] | None, values: Mapping[str, Any]) -> str:
    if owned is None:
        return "it owns no such kind"
    missing, extra = set(owned) - values.keys(), values.keys() - set(owned)
    parts = [("missing", missing), ("not declared", extra)]
    return "; ".join(f"{label}: {', '.join(sorted(names))}" for label, names in parts if names)


def _spots(writes: Sequence[RowWrite], kind: str) -> list[tuple[int, int]]:
    """(row, fragment) of every fragment of that kind, in order."""
    return [
        (at, place)
        for at, row in enumerate(writes)
        for place, fragment in enumerate(row.fragments)
        if fragment.kind == kind
    ]


def _good(raw_id: object) -> bool:
    return isinstance(raw_id, str) and is_id(raw_id)


def _put(row: RowWrite, place: int, right: Correction) -> None:
    """Replace a value by the one that can be stored."""
    fragment = row.fragments[place]
    values = {**fragment.values, right.column: right.value}
    require_type(row.fragments, list, "the fragments of a row")[place] = fragment._replace(
        values=values
    )
