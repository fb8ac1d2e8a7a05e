"""Findings as SARIF 2.1.0, which code hosts show beside the lines of a change.

Only what GitHub and GitLab read of the format (docs.oasis-open.org/sarif/sarif/v2.1.0).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from atsbridge import __version__
from atsbridge.cli.rules.lint_titles import INVALID, LINT_TITLES

if TYPE_CHECKING:
    from atsbridge.cli.rules.pack_findings import PackFindings
    from atsbridge.errors import RuleError

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class _FindingRow(NamedTuple):
    """One finding. `line` is 0 where only the file is known."""

    code: str
    level: str
    text: str
    file: str
    line: int
    column: int


def make_sarif(found: PackFindings) -> dict[str, Any]:
    """The log of one run. Errors have the rule id "invalid-pack", lints their code."""
    rows = [
        _FindingRow(INVALID, "error", _describe(one), *_split(one.where)) for one in found.errors
    ]
    rows += [
        _FindingRow(
            one.code, "warning", one.message, one.place.file, one.place.line, one.place.column
        )
        for one in found.lints
    ]
    codes = list(dict.fromkeys(row.code for row in rows))
    notifications = [text for text in (*found.notes, found.not_checked) if text]
    run = {
        "tool": {"driver": _driver(codes)},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {"level": "note", "message": {"text": text}} for text in notifications
                ],
            }
        ],
        "results": [_result(codes, row) for row in rows],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _driver(codes: Sequence[str]) -> dict[str, Any]:
    return {
        "name": "atsbridge",
        "version": __version__,
        "rules": [
            {
                "id": code,
                "shortDescription": {"text": LINT_TITLES.get(code, code)},
                "defaultConfiguration": {"level": "error" if code == INVALID else "warning"},
            }
            for code in codes
        ],
    }


def _result(codes: Sequence[str], row: _FindingRow) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": row.code,
        "ruleIndex": codes.index(row.code),
        "level": row.level,
        "message": {"text": row.text},
    }
    if row.file:
        where: dict[str, Any] = {"artifactLocation": {"uri": _uri(row.file)}}
        if row.line:
            where["region"] = {"startLine": row.line, "startColumn": row.column}
        result["locations"] = [{"physicalLocation": where}]
    return result


def _describe(error: RuleError) -> str:
    return f"{error.what}. {error.remedy}" if error.remedy else error.what


def _split(where: str) -> tuple[str, int, int]:
    """ "file:line:column" in its parts; the file alone where no line is known."""
    file, _, rest = where.rpartition(":")
    name, _, line = file.rpartition(":")
    if name and line.isdecimal() and rest.isdecimal():
        return name, int(line), int(rest)
    return where, 0, 0


def _uri(file: str) -> str:
    """A file as a URI: relative to where the check ran, or absolute."""
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
