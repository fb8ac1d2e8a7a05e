"""Checks of a connector with recorded answers of real accounts (`atsbridge record`)."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

from atsbridge.ports import Stream
from atsbridge.recording import RecordedList, read_recordings, understand
from atsbridge.testing.connector_world import ConnectorWorld
from atsbridge.testing.row_checks import mistakes

LEFT_OUT = 0.05  # of the rows of a list that a connector may not understand; one always may be


class RecordingChecks(ConnectorWorld):
    """Rows as a real account has them are understood.

    `recordings`: folders with recordings; the folder `recordings` of the connector's package is
    always read. Without any, nothing is checked.
    """

    recordings: tuple[Path, ...] = ()

    def recorded(self) -> Iterator[tuple[Stream, RecordedList]]:
        """Every recorded list, with its stream. A list that the connector lacks is an error."""
        package = importlib.import_module(self.spec.open.__module__.partition(".")[0])
        folders = [Path(one) / "recordings" for one in getattr(package, "__path__", ())]
        for folder in (*folders, *self.recordings):
            for one in read_recordings(folder):
                names = [stream.name for stream in self.spec.streams]
                assert one.stream in names, f"{folder} has {one.stream}, which is no list: {names}"
                yield self.spec.stream(one.stream), one

    def test_recorded_rows_are_understood(self) -> None:
        """Nearly every row becomes records that fit the catalog; no row crashes."""
        for stream, one in self.recorded():
            found = [understand(stream, row) for row in one.rows]
            lost = sum(fragments is None for fragments in found)
            assert lost <= max(1, LEFT_OUT * len(found)), f"{lost} of {len(found)} of {one.stream}"
            for fragments in found:
                wrong = list(mistakes(stream, fragments or []))
                assert not wrong, wrong
