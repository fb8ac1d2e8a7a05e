"""ConnectorContract: everything a connector promises, as tests that its author inherits.

The checks are in the modules beside this one, by topic.
"""

from __future__ import annotations

from atsbridge.testing.data import DataChecks
from atsbridge.testing.economy import EconomyChecks
from atsbridge.testing.faults import FaultChecks
from atsbridge.testing.held import HeldChecks
from atsbridge.testing.lists import ListChecks
from atsbridge.testing.notes import NoteChecks
from atsbridge.testing.roundtrip import RoundTrip
from atsbridge.testing.rows import RowChecks
from atsbridge.testing.syncing import SyncChecks
from atsbridge.testing.wire import WireChecks


class ConnectorContract(
    DataChecks,
    RowChecks,
    WireChecks,
    FaultChecks,
    SyncChecks,
    HeldChecks,
    EconomyChecks,
    NoteChecks,
    RoundTrip,
    ListChecks,
):
    """What every connector promises.

        class TestAcme(ConnectorContract):
            spec = SPEC

    `fake` and `options` are further arguments of the fake and settings of the account;
    `applications` is the size of the company; `tell` says how the ATS words what it words in its
    own way, `looked_up` how much it looks up in other lists, `unknowable` of which lists nobody can
    know that a row is missing, `unhealed` in which of them it may stay missing.
    """
