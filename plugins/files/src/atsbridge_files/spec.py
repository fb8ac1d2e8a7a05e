"""The connector as data. What an account reads depends on its tables: see `adapt`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from atsbridge.api import Connector, ConnectorSpec, Tools
from atsbridge_files.settings import FilesSettings
from atsbridge_files.table_plan import plan_tables
from atsbridge_files.table_streams import table_signals, table_streams

if TYPE_CHECKING:
    from atsbridge.api import SettingsDraft


def adapt(settings: FilesSettings) -> ConnectorSpec:
    """The spec of an account with these tables: its lists, and the fields that none fills."""
    streams = table_streams(plan_tables(settings), digests=bool(settings.folder))
    return replace(SPEC, streams=streams, signals=table_signals(streams))


def _open(settings: FilesSettings, tools: Tools) -> Connector:
    from atsbridge_files.connector import ExportConnector  # imported when used: imports requests

    return ExportConnector(adapt(settings), settings, tools)


def _draft(settings: FilesSettings, tools: Tools) -> SettingsDraft:
    from atsbridge_files.draft import draft_tables

    return draft_tables(settings, tools)


SPEC = ConnectorSpec(
    name="files",
    title="Exports",
    settings=FilesSettings,
    streams=(),
    open=_open,
    signals=table_signals(()),
    fake="atsbridge_files.fake:serve",
    adapt=adapt,
    draft=_draft,
)
