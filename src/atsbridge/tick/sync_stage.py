"""The sync of one account in a run, and what it adds to the summary."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from atsbridge.context import AccountContext, AccountSummary, FailureCode, RunFailure, failure
from atsbridge.errors import AtsbridgeError, ConfigError, ErrorCode

if TYPE_CHECKING:
    from atsbridge.ports import Connector, StreamState
    from atsbridge.sync import LostFields, StreamReport
    from atsbridge.tick.run_options import RunOptions


def sync_account(
    context: AccountContext,
    done: AccountSummary,
    options: RunOptions,
    night: str,
    progress: Callable[[str, Any], None] | None = None,
) -> bool:
    """Read the lists into the store; returns whether any could be read.

    `night`: the night whose reconciliation is due, "" for none. A connector that cannot be opened
    is a failure in `done`.
    """
    from atsbridge.sync import SyncOptions, SyncTarget, sync

    try:
        connector = context.connector
        _check_lists(connector)
    except AtsbridgeError as error:
        done.failures.append(failure(context.account, error))
        return False
    report = sync(
        SyncTarget(
            context.account,
            connector,
            context.store.records,
            context.account_map,
            context.fetch_time,
        ),
        SyncOptions(
            full=options.full,
            accept_deleted=options.accept_deleted,
            accept_empty=options.accept_empty,
            max_bad=context.settings.run.max_bad_records,
            history=context.section.history,
            nightly=bool(night),
        ),
        None if progress is None else lambda step: progress(context.account, step),
    )
    read = any(stream.good and stream.requests for stream in report.streams)
    if night and read:
        context.run_state.note_night(night)
    states = context.store.records.read_states(context.account)
    for stream in report.streams:
        _summarize(context, done, stream, states.get(stream.stream))
    return read


def _check_lists(connector: Connector) -> None:
    if not connector.spec.streams:
        remedy = "`atsbridge doctor` says what its settings lack"
        raise ConfigError("this account reads nothing", remedy=remedy)


def _summarize(
    context: AccountContext,
    done: AccountSummary,
    stream: StreamReport,
    state: StreamState | None,
) -> None:
    """Add one list to the summary: its counts, what it lost, what failed, what recovered."""
    account = context.account
    done.requests += stream.requests
    done.streams.append(
        {
            "stream": stream.stream,
            "status": stream.status,
            "requests": stream.requests,
            "new": stream.new,
            "changed": stream.changed,
            "deleted": stream.deleted,
            "bad": stream.bad,
            "samples": list(stream.samples),
            "error": stream.error,
            "lost": list(stream.lost),
            "doubt": stream.doubt,
            "reread": stream.reread,
        }
    )
    place = f"{account}/{stream.stream}" if stream.stream else account
    lost = _find_losses(context, stream, state)
    if stream.good and stream.requests:
        done.worked |= {account, place}
        done.worked |= set() if lost else {f"{place}/fields"}
    done.failures += lost
    if stream.error:
        code = FailureCode((stream.kind or ErrorCode.OTHER).value)
        done.failures.append(RunFailure(place, stream.error, stream.remedy, code))


def _find_losses(
    context: AccountContext, stream: StreamReport, state: StreamState | None
) -> list[RunFailure]:
    """The fields that this read lost; without any, those that are still lost since an earlier."""
    lost, code = stream.losses, FailureCode.SCHEMA_DRIFT
    if not lost and state is not None:
        lost, code = tuple(_find_still_lost(state)), FailureCode.STILL
    where = f"{context.account}/{stream.stream}"
    remedy = (
        "Rules that need it stay silent. See `atsbridge doctor`, and look for a newer connector"
    )
    # An error of the whole account has no stream, and no losses.
    return [
        RunFailure(where, one.text, remedy, code, f"{where}/fields", ", ".join(one.paths))
        for one in lost
    ]


def _find_still_lost(state: StreamState) -> list[LostFields]:
    """Fields that an earlier read could not decode, and that no row has shown to be well since.

    What can be read again and waits for one more reading of all rows is no news.
    """
    from atsbridge.sync import LOST, LostFields

    prints = state.fingerprints.items()
    fields = tuple(sorted(field for field, print_ in prints if print_ == LOST))
    text = f"still cannot be read, and is unknown: {', '.join(fields)}"
    return [LostFields(fields, text)] if fields else []
