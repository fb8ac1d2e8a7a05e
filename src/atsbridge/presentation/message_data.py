"""Read the facts of a message from the store at the moment it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from atsbridge.model import KINDS, All, Found, Key, Query, note_targets, resolve, roots
from atsbridge.ports import SubjectStore
from atsbridge.rules import Rule

INITIALS = "candidate.initials"
DISPLAY_NAME = "candidate.display_name"
CONFIDENTIAL = "requisition.confidential"
TITLE = "requisition.title"
CODE = "requisition.code"
STAGE = "stage.name"
ASSIGNEE = "application.assignee"
ASSIGNEE_ROLE = "application.assignee_role"
ASSIGNEE_SINCE = "application.assignee_since"
STAGE_ENTERED = "application.stage_entered_at"
OPENED = "requisition.opened_at"
MANAGER, RECRUITER = "requisition.hiring_manager", "requisition.recruiter"

_WANTED = (
    INITIALS,
    DISPLAY_NAME,
    TITLE,
    CODE,
    CONFIDENTIAL,
    OPENED,
    MANAGER,
    RECRUITER,
    STAGE,
    STAGE_ENTERED,
    ASSIGNEE,
    ASSIGNEE_ROLE,
    ASSIGNEE_SINCE,
)


@cache
def wanted(subject: str) -> tuple[str, ...]:
    """The paths that every message on this kind of subject may use, besides its rule's own."""
    known = roots(subject)
    paths = [path for path in _WANTED if path.partition(".")[0] in known]
    linked = ("candidate", *note_targets(subject))
    paths += [path for kind in linked if (path := path_to(subject, kind)) is not None]
    return (
        *dict.fromkeys(paths),
        *(f"{root}.url" for root in known if "url" in KINDS[root].fields),
    )


@cache
def path_to(subject: str, kind: str) -> str | None:
    """The path whose value is the id of the subject's record of that kind; None if it is itself.

    `path_to("seat", "application") == "interview.application"`.
    """
    refs = roots(subject).get(kind, ())
    at = subject
    for ref in refs[:-1]:
        at = KINDS[at].fields[ref].ref
    return f"{at}.{refs[-1]}" if refs else None


def read(store: SubjectStore, rule: Rule | None, subject: Key) -> Found:
    """The subject's facts as they are stored now; none where the record is no more.

    Where the rule is no more, those that every message may use.
    """
    none = Found(subject.account, subject.kind, subject.id, {})
    return next(iter(read_all(store, rule, [subject])), none)


def read_all(store: SubjectStore, rule: Rule | None, subjects: Sequence[Key]) -> Sequence[Found]:
    """The facts of these subjects, at least one, of one account and kind; as `read`."""
    account, kind, _ = subjects[0]
    asked = rule.open if rule else Query(kind, All(), ())
    columns = dict.fromkeys((*asked.columns, *wanted(kind)))
    query = replace(asked, columns=tuple(columns), bound=None)
    ids = sorted(one.id for one in subjects)
    return list(store.select(account, query, ids=ids, filtered=False))


def link(found: Found) -> str | None:
    """The page in the ATS of the nearest record that has one."""
    pages = (found.facts.get(f"{root}.url") for root in roots(found.kind))
    return next((str(page) for page in pages if page), None)


def is_person_path(subject: str, path: str) -> bool:
    """Whether the path's value is the id of a colleague."""
    return resolve(subject, path).field.ref == "user"
