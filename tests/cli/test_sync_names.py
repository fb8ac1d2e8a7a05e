"""What `sync` says to a stream nobody has."""

from __future__ import annotations

import click
import pytest

from atsbridge.cli.sync import _check_streams
from atsbridge_greenhouse.spec import SPEC


def test_a_slip_in_the_name_of_a_stream_is_told_with_the_nearest() -> None:
    """Before anything is asked: `--accept-empty` of a name nobody has would accept nothing."""
    with pytest.raises(click.UsageError, match=r"Did you mean offers\?"):
        _check_streams(SPEC, ("offer",))
    _check_streams(SPEC, ("offers", "scorecards"))
