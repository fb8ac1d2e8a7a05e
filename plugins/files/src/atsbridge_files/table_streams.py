"""The lists of one account, made from its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from zlib import crc32

from atsbridge.api import (
    KINDS,
    Incremental,
    Reconciliation,
    RequestCost,
    Signal,
    SignalHistory,
    Stream,
    declare_absent,
)
from atsbridge_files.cell_values import is_dated
from atsbridge_files.read_state import TOKEN
from atsbridge_files.row_structs import NAMED_COLUMNS, NamedRow, RowLayout, read_named
from atsbridge_files.table_plan import RecordPlan, TablePlan, named_only

NAMED = "names."  # what the list of a kind begins with of which there are names only
_UNDATED = "an export shows the present value without the dates of its changes"
_SCOPE = "the files of table {}"


def table_streams(plans: Sequence[TablePlan], *, digests: bool) -> tuple[Stream, ...]:
    """A list for each kind of which there are names, then one for each kind that a table maps.

    `digests`: whether a list can tell by itself that nothing changed.
    """
    mapped = [_stream(record) for plan in plans for record in plan.records]
    mapped.sort(key=lambda stream: list(KINDS).index(next(iter(stream.owns))))
    how = Incremental(token=TOKEN, whole_every=None) if digests else None
    streams = (*_named_streams(plans), *mapped)
    costs = [RequestCost(answers=0)] * len(streams) if digests else list(_costs(plans, streams))
    return tuple(
        replace(stream, incremental=how, cost=cost)
        for stream, cost in zip(streams, costs, strict=True)
    )


def _costs(plans: Sequence[TablePlan], streams: Sequence[Stream]) -> Iterator[RequestCost]:
    """The first list that needs a table asks for it; the others use the same answer."""
    asked: set[str] = set()
    for stream in streams:
        needed = {plan.name for plan in tables_of(plans, stream.name)} - asked
        asked |= needed
        yield RequestCost(answers=len(needed))


def tables_of(plans: Sequence[TablePlan], name: str) -> list[TablePlan]:
    """The tables that the rows of a list come from, its own first."""
    if name.startswith(NAMED):
        columns = named_only(plans)[name.removeprefix(NAMED)]
        return list({plan.name: plan for plan, _ in columns}.values())
    records = [(plan, one) for plan in plans for one in plan.records]
    own, record = next((plan, one) for plan, one in records if one.stream == name)
    asked = {column.refers for column in record.columns if column.source.by}
    others = [plan for plan, one in records if one.kind in asked]
    return list({plan.name: plan for plan in (own, *others)}.values())


def _stream(record: RecordPlan) -> Stream:
    layout = RowLayout(record)
    return Stream(
        name=record.stream,
        path=record.files,
        row=layout.row,
        normalize=layout.normalize,
        owns=layout.owns,
        reconciliation=Reconciliation(complete=record.record.complete),
        version=record.version,
        scope=_SCOPE.format(record.table),
        needed_for=_needing(layout.owns, record.kind),
        lag=timedelta(0),
    )


def _needing(owns: Mapping[str, tuple[str, ...]], kind: str) -> tuple[str, ...]:
    """The fields that are unknown without the list: what it fills, and all of its own records.

    Derived fields too: other tables may fill what they are derived from, for records that only
    this one shows.
    """
    filled = {f"{one}.{name}" for one, columns in owns.items() for name in columns}
    return tuple(sorted(filled | {f"{kind}.{name}" for name in KINDS[kind].fields}))


def _named_streams(plans: Sequence[TablePlan]) -> Iterator[Stream]:
    for kind, columns in named_only(plans).items():
        tables = sorted({plan.name for plan, _ in columns})
        yield Stream(
            name=f"{NAMED}{kind}",
            path=f"{NAMED}{kind}",
            row=NamedRow,
            normalize=read_named(kind),
            owns={kind: NAMED_COLUMNS[kind]},
            version=crc32(",".join(tables).encode()) or 1,
            scope=_SCOPE.format(" and ".join(tables)),
            lag=timedelta(0),
        )


def table_signals(streams: Sequence[Stream]) -> dict[str, Signal]:
    """A signal for each field that no table fills, and for each whose changes have no date."""
    absent = declare_absent(streams, "no table maps it")
    found = {path: replace(signal, with_mapping=True) for path, signal in absent.items()}
    for stream in streams:
        for kind, columns in stream.owns.items():
            for name in columns:
                if not is_dated(kind, name):
                    found[f"{kind}.{name}"] = Signal(SignalHistory.SINCE_INSTALL, _UNDATED)
    return found
