"""Ids of the fake: those a company made for it has, and those of rows no company knows.

Slots, kits, groups and flows exist only in Greenhouse; their ids follow from what they belong to.
"""

from __future__ import annotations

from zlib import crc32

from atsbridge.api import KINDS

_KINDS = {kind: number for number, kind in enumerate((*KINDS, "note"), start=1)}
_WORDS = (
    *("job_interviews", "interview_kits", "focus_candidate_attributes"),
    *("candidate_attribute_types", "approval_flows", "approver_groups", "rejection_details"),
    *("sources", "application_stages", "prospects", "templates", "service_accounts"),
    *("scorecard_candidate_attributes", "close_reasons", "job_posts", "pay_input_ranges"),
    "mails",
)
_DERIVED = {word: number for number, word in enumerate(_WORDS, start=100)}


def company_ids(kind: str, number: int) -> str:
    """Decimal ids, growing with `number` and different for every kind: `Company(new_id=…)`."""
    return str(_KINDS.get(kind, 50 + crc32(kind.encode()) % 40) * 10**9 + number)


def derived(word: str, of: str | int, place: int = 0) -> int:
    """The id of the row of that list that belongs to `of` (a company's id); `place` below 32."""
    return _DERIVED[word] * 10**11 + int(of) % 10**9 * 32 + place


def source_id(name: str) -> int:
    """The id of a source, which the company knows by name only."""
    return derived("sources", crc32(name.encode()) % 10**8)
