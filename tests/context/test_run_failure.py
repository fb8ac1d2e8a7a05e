"""Failures of a run: their codes, their identity, and how they are kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from atsbridge.context.run_failure import FailureCode, RunFailure, pack_failure, unpack_failure
from atsbridge.errors import ErrorCode
from atsbridge.ports.record_store import StreamStatus

REFUSED = RunFailure("acme/offers", "refused", "Check it", FailureCode.AUTH, "acme/run/sync", "x")


def test_every_error_and_every_state_of_a_list_has_a_code() -> None:
    """So each becomes a failure. A list that was read well is no failure."""
    values = {*ErrorCode, *StreamStatus} - {StreamStatus.GOOD}
    assert {str(value) for value in values} <= {str(code) for code in FailureCode}


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (replace(REFUSED, what="refused twice", remedy=""), True),
        (replace(REFUSED, code=FailureCode.EARLIER, detail=""), True),
        (replace(REFUSED, code=FailureCode.DENIED), False),
        (replace(REFUSED, detail="y"), False),
        (replace(REFUSED, where="acme/users"), False),
        (replace(REFUSED, place="acme/run/deliver"), False),
    ],
)
def test_a_failure_is_known_by_its_place_code_and_detail(other: RunFailure, same: bool) -> None:
    """In both directions."""
    assert (REFUSED.is_same(other), other.is_same(REFUSED)) == (same, same)


def test_a_failure_is_kept_whole() -> None:
    """As a row of text."""
    row = pack_failure(REFUSED)
    assert row == ["acme/offers", "refused", "Check it", "acme/run/sync", "AuthError", "x"]
    assert unpack_failure(row) == REFUSED


@pytest.mark.parametrize(
    ("row", "failure"),
    [
        (["acme", "lost"], RunFailure("acme", "lost", "", FailureCode.EARLIER)),
        (
            ["acme", "broken", "", "acme/run/judge", "StoreError"],
            RunFailure("acme", "broken", "", FailureCode.STORE, "acme/run/evaluate"),
        ),
        (
            ["judge", "broken", "", "judge", "no such code", "x"],
            RunFailure("judge", "broken", "", FailureCode.EARLIER, "judge", "x"),
        ),
    ],
)
def test_rows_of_other_versions_are_read(row: list[str], failure: RunFailure) -> None:
    """Without a code, with the old name of a stage, or with a code this version does not know."""
    assert unpack_failure(row) == failure
