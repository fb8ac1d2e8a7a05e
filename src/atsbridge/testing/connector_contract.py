"""ConnectorContract: everything that a connector must do, as tests that its author inherits."""

from __future__ import annotations

from atsbridge.testing.attendance_checks import HeldChecks
from atsbridge.testing.error_checks import FaultChecks
from atsbridge.testing.incremental_checks import IncrementalChecks
from atsbridge.testing.list_checks import ListChecks
from atsbridge.testing.meaning_checks import MeaningChecks
from atsbridge.testing.recording_checks import RecordingChecks
from atsbridge.testing.refresh_checks import RefreshChecks
from atsbridge.testing.refusal_checks import RefusalChecks
from atsbridge.testing.request_checks import EconomyChecks
from atsbridge.testing.roundtrip_checks import RoundTrip
from atsbridge.testing.row_checks import RowChecks
from atsbridge.testing.spec_checks import DataChecks
from atsbridge.testing.sync_checks import SyncChecks
from atsbridge.testing.wire_checks import WireChecks
from atsbridge.testing.write_checks import NoteChecks


class ConnectorContract(
    DataChecks,
    RowChecks,
    MeaningChecks,
    WireChecks,
    FaultChecks,
    RefusalChecks,
    RefreshChecks,
    SyncChecks,
    IncrementalChecks,
    HeldChecks,
    EconomyChecks,
    NoteChecks,
    RoundTrip,
    ListChecks,
    RecordingChecks,
):
    """The tests of every connector.

        class TestAcme(ConnectorContract):
            spec = SPEC

    `fake` and `options` are further arguments of the fake and settings of the account;
    `applications` is the size of the company; `tell` says how the ATS words what it words in its
    own way, `looked_up` how much it looks up in other lists, `unknowable` of which lists nobody can
    know that a row is missing, `unhealed` in which of them it may stay missing.
    """
