"""Answers to the questions of a brief, from the command line, from replies, or from a form.

An answer is a section of the brief. The brief's file takes precedence over it, and it over a
plugin and the ATS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from atsbridge.context import AccountContext, Services, brief_writer_of, find_brief_files
from atsbridge.model import SECTIONS, Brief, Change, Key, Origin, clean
from atsbridge.replies.brief_agreements import compose_brief
from atsbridge.replies.brief_view import read_brief

MAX_TEXT = 4000  # characters of an answer: two pages; longer texts belong into the file
MAX_ENTRIES = 40  # of an answer that is a list


class AnswerRefusal(StrEnum):
    """Why an answer was not stored."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    IN_FILE = "in_file"  # the brief's file has the section, and takes precedence
    NO_SECTION = "no_section"  # no name of a section
    CHANGED = "changed"  # somebody else changed it since it was shown


@dataclass(frozen=True, slots=True)
class AppliedAnswers:
    """What became of answers. `missing`: usual sections still open. `file`: the brief's name."""

    stored: tuple[str, ...] = ()
    refused: Mapping[str, AnswerRefusal] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    file: str = ""


def apply_answers(
    app: Services, key: Key, answers: Mapping[str, Any], actor: str
) -> AppliedAnswers:
    """Store answers in the brief of a requisition, and bring the brief up to date.

    `answers`: section -> text, or a list of texts. The caller holds the account's lock. Each
    answer that cannot be stored is refused with its reason; the others are stored.
    """
    account, now = key.account, app.time.now()
    file, written = _read_file(app, key)
    refused: dict[str, AnswerRefusal] = {}
    stored: dict[str, Any] = {}
    for section, given in answers.items():
        value = _tidy(given)
        if reason := _find_refusal(section, value, written):
            refused[section] = reason
        else:
            stored[section] = value
    if stored:
        brief = Key(account, "brief", key.id)
        record = app.store.history.read_record(brief)
        before = (record.sections or {}) if isinstance(record, Brief) else {}
        old = {name: before[name] for name in stored if name in before}
        change = Change(
            brief,
            "sections",
            old,
            stored,
            observed_at=now,
            origin=Origin.ANNOUNCED,
            actor=clean(actor),
        )
        app.store.announcements.announce(change)
        compose_brief(app, key)
    missing = read_brief(app, key).missing
    return AppliedAnswers(tuple(stored), refused, missing, file)


def _read_file(app: Services, key: Key) -> tuple[str, frozenset[str]]:
    """The name of the brief's file and the sections with text in it; "" where there is none."""
    found, _ = find_brief_files(app.settings)
    writer, _ = brief_writer_of(AccountContext(app, key.account), found)
    file, _ = writer.sources.scope.written.get(key.id, (None, {}))
    if file is None:
        return "", frozenset()
    return file.name, frozenset(name for name, value in file.sections.items() if value)


def _find_refusal(section: str, value: Any, written: frozenset[str]) -> AnswerRefusal | None:
    if section not in SECTIONS and not section.isidentifier():
        return AnswerRefusal.NO_SECTION
    if section in written:
        return AnswerRefusal.IN_FILE
    if not value:
        return AnswerRefusal.EMPTY
    entries: Sequence[str] = value if isinstance(value, list) else [value]
    if sum(map(len, entries)) > MAX_TEXT or len(entries) > MAX_ENTRIES:
        return AnswerRefusal.TOO_LONG
    return None


def _tidy(given: Any) -> Any:
    """The text or list without control characters and empty entries."""
    if isinstance(given, list | tuple):
        entries = [clean(str(one), len(str(one))) for one in given]
        return [one for one in entries if one]
    text = str(given)
    return "\n".join(line for one in text.splitlines() if (line := clean(one, len(one))))
