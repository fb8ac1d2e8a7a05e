"""Leave out values that no database can store, or the rows that hold them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from atsbridge.model import KINDS, Correction, Null, corrections, is_id
from atsbridge.ports import RowWrite
from atsbridge.sync.rows.schema_drift import SHARE
from atsbridge.sync.sync_report import Tally


class RowBounds:
    """The bounds of one stream's rows. `columns`: kind -> columns, mapped ones included."""

    def __init__(self, stream: str, columns: Mapping[str, Sequence[str]]) -> None:
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

        Returns (index of a row to leave out -> why, "kind.field"s that are unknown).
        """
        places: dict[str, list[tuple[int, int]]] = {}  # kind -> (row, fragment) of each
        out: dict[int, str] = {}
        unknown: set[str] = set()
        for at, row in enumerate(writes):
            for place, fragment in enumerate(row.fragments):
                places.setdefault(fragment.kind, []).append((at, place))
                if fragment.id != row.id and not _good(fragment.id):
                    out[at] = f"the id of a {fragment.kind} cannot be one"
        for kind, spots in places.items():
            fragments = [writes[at].fragments[place] for at, place in spots]
            for wrong in corrections(kind, self._columns[kind], fragments):
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


def _good(raw_id: object) -> bool:
    return isinstance(raw_id, str) and is_id(raw_id)


def _put(row: RowWrite, place: int, right: Correction) -> None:
    """Replace a value by the one that can be stored."""
    fragment = row.fragments[place]
    values = {**fragment.values, right.column: right.value}
    assert isinstance(row.fragments, list)
    row.fragments[place] = fragment._replace(values=values)
