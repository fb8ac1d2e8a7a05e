"""Why a notice goes to its destination, as schema 6 kept it, turned into codes.

Until then it was a sentence. Each is kept as it is, as the parameter of the code `other`.
"""

from __future__ import annotations

from sqlalchemy import Connection

from atsbridge.store.database.codec import dump, load
from atsbridge.store.database.connection import sql

_BATCH = 5_000  # rows in memory at a time


def convert_destination_reasons(connection: Connection) -> None:
    """Replace the sentence in the column `destination` of every notice."""
    last = ""
    while rows := connection.execute(
        sql("SELECT key, destination FROM notices WHERE key > :last ORDER BY key LIMIT :batch"),
        {"last": last, "batch": _BATCH},
    ).all():
        connection.execute(
            sql("UPDATE notices SET destination = :destination WHERE key = :key"),
            [{"key": row.key, "destination": _convert(row.destination)} for row in rows],
        )
        last = rows[-1].key


def _convert(text: str) -> str:
    destination = load(text)
    why = destination.get("why", "")
    if isinstance(why, str):  # else it is converted already
        destination["why"] = [["other", {"text": why}]] if why else []
    return dump(destination)
