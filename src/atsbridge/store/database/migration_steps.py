"""The numbered steps that lead from each schema of the store to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from atsbridge.model import catalog
from atsbridge.store.database.connection import sql
from atsbridge.store.database.table_names import table_name


@dataclass(frozen=True, slots=True)
class Migration:
    """What leads from schema `version` - 1 to `version`; statements both engines know.

    `renames`: (table, column, its new name), done before the statements. A table or column that
    is not there is passed over: the store was made before it was declared. No column: the table
    itself is renamed.

    `convert` names what a statement cannot do; it runs after the statements.
    """

    version: int
    why: str
    statements: tuple[str, ...] = ()
    renames: tuple[tuple[str, str, str], ...] = ()
    convert: Callable[[Connection], None] | None = None


def _convert_transition_reasons(connection: Connection) -> None:
    # Imported here: a run with nothing to migrate stays fast.
    from atsbridge.store.database.transition_reasons import convert_transition_reasons

    convert_transition_reasons(connection)


def _split_notice_columns(connection: Connection) -> None:
    from atsbridge.store.database.notice_columns import split_notice_columns

    split_notice_columns(connection)


def _convert_destination_reasons(connection: Connection) -> None:
    from atsbridge.store.database.destination_reasons import convert_destination_reasons

    convert_destination_reasons(connection)


def _replace_baseline(connection: Connection) -> None:
    """The flag `baseline` of a case becomes `first_look`; a store without the flag has neither."""
    from sqlalchemy import inspect

    names = {column["name"] for column in inspect(connection).get_columns("cases")}
    if "first_look" not in names:
        add = "ALTER TABLE cases ADD COLUMN first_look TEXT DEFAULT 'none' NOT NULL"
        connection.execute(sql(add))
    if "baseline" in names:
        connection.execute(sql("UPDATE cases SET first_look = 'summary' WHERE baseline <> 0"))
        connection.execute(sql("ALTER TABLE cases DROP COLUMN baseline"))


def _rename_organizer(connection: Connection) -> None:
    from atsbridge.store.database.renamed_fields import rename_organizer

    rename_organizer(connection)


# JSON with the text after a prefix as its one parameter; what ends a string in JSON is escaped.
_PARAM = (
    "'{{\"{name}\":\"' || replace(replace(substr(end_reason, {start}), '\\', '\\\\'), '\"', '\\\"')"
    " || '\"}}'"
)
_ENDS = (  # code, condition, parameter
    ("stopped", "end_reason LIKE 'stopped by %'", _PARAM.format(name="path", start=12)),
    ("cancelled", "end_reason LIKE 'cancelled by %'", _PARAM.format(name="path", start=14)),
    ("news_over", "ending = 'resolved' AND end_reason = 'told'", "''"),
    ("cleared", "ending = 'resolved'", "''"),
    ("rule_removed", "end_reason = 'the rule is gone'", "''"),
    ("rule_disabled", "end_reason LIKE 'the rule is %'", _PARAM.format(name="status", start=13)),
    ("deleted", "end_reason = 'gone'", "''"),
    ("start_moved", "end_reason LIKE '%first step again_ its start moved'", "''"),
    ("due_moved", "end_reason LIKE '%first step again_ its target or calendar changed'", "''"),
    ("steps_changed", "end_reason LIKE '%first step again%'", "''"),
    ("other", "ending IS NOT NULL", _PARAM.format(name="text", start=1)),
)
_CODE = " ".join(f"WHEN {when} THEN '{code}'" for code, when, _ in _ENDS)
_PARAMS = " ".join(f"WHEN {when} THEN {param}" for _, when, param in _ENDS)

_ASSIGNEE = (  # old name, new name
    ("holder", "assignee"),
    ("holder_role", "assignee_role"),
    ("holder_since", "assignee_since"),
)
_WITH_ASSIGNEE = ("application", "requisition")

SCHEMA = 13
# The value of `tables.layout()`, kept here so that most runs need not import the tables.
LAYOUT = "cff762b9"
STEPS: tuple[Migration, ...] = (
    Migration(
        2,
        "why a case ended is a code with parameters",
        (
            "ALTER TABLE cases ADD COLUMN end_params TEXT",
            (
                f"UPDATE cases SET end_reason = CASE {_CODE} ELSE '' END,"
                f" end_params = CASE {_PARAMS} ELSE '' END"
            ),
        ),
    ),
    Migration(
        3,
        "assignee, deleted_at, bookmark and dirty are named as everywhere else",
        tuple(
            f"UPDATE changes SET field = '{new}' WHERE field = '{old}'"
            " AND kind IN ('application', 'requisition')"
            for old, new in _ASSIGNEE
        )
        + tuple(
            f"UPDATE cases SET end_params = replace(end_params, '{kind}.{old}\"', '{kind}.{new}\"')"
            f" WHERE end_params LIKE '%{kind}.{old}\"%'"
            for kind in _WITH_ASSIGNEE
            for old, new in _ASSIGNEE
        ),
        (
            *((table_name(kind), "gone_at", "deleted_at") for kind in catalog.KINDS),
            *((table_name(kind), *pair) for kind in _WITH_ASSIGNEE for pair in _ASSIGNEE),
            ("streams", "mark", "bookmark"),
            ("unjudged", "", "dirty"),
        ),
    ),
    Migration(
        4,
        "why a case changed is a code with parameters",
        ("ALTER TABLE transitions ADD COLUMN params TEXT",),
        convert=_convert_transition_reasons,
    ),
    Migration(
        5,
        "hold, drop reason, error, text and replies of a notice have columns of their own",
        convert=_split_notice_columns,
    ),
    Migration(6, "versions of briefs, agreements to them, and calibration rounds have tables"),
    Migration(
        7,
        "why a notice goes to its destination is a list of codes with parameters",
        convert=_convert_destination_reasons,
    ),
    Migration(
        8,
        "what the first look of a rule made of a case: nothing, a line of a summary, or backlog",
        convert=_replace_baseline,
    ),
    Migration(9, "the rate of each credential has a table, which all processes share"),
    Migration(10, "replies by button wait in a table of their own"),
    Migration(
        11,
        "the organizer of an interview is spelled as everywhere else",
        renames=(("interviews", "organiser", "organizer"),),
        convert=_rename_organizer,
    ),
    Migration(12, "SQLite plans queries of a first load by what it knew before the load"),
    Migration(
        13,
        "the index of live applications holds those whose status nobody knows; it is made anew",
        ("DROP INDEX IF EXISTS applications_live",),
    ),
)
