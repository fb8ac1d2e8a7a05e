"""Ids of the fake: those of the company's records, and those of rows that exist in Greenhouse only.

Ids of slots, kits, groups and flows follow from the record that they belong to.
"""

from __future__ import annotations

from zlib import crc32

from atsbridge.api import KINDS

_KINDS = {kind: number for number, kind in enumerate((*KINDS, "note"), start=1)}
_LISTS = (
    *("job_interviews", "interview_kits", "focus_candidate_attributes"),
    *("candidate_attribute_types", "approval_flows", "approver_groups", "rejection_details"),
    *("sources", "application_stages", "prospects", "templates", "service_accounts"),
    *("scorecard_candidate_attributes", "close_reasons", "job_posts", "pay_input_ranges"),
    "mails",
)
_DERIVED = {list_name: number for number, list_name in enumerate(_LISTS, start=100)}


def company_ids(kind: str, number: int) -> str:
    """Decimal ids for `CompanyProfile`: growing with `number`, different for every kind."""
    return str(_KINDS.get(kind, 50 + crc32(kind.encode()) % 40) * 10**9 + number)


def derived(list_name: str, of: str | int, place: int = 0) -> int:
    """The id of the row of that list that belongs to `of` (a company's id); `place` below 32."""
    return _DERIVED[list_name] * 10**11 + int(of) % 10**9 * 32 + place


def source_id(name: str) -> int:
    """The id of a source, which the company knows by name only."""
    return derived("sources", crc32(name.encode()) % 10**8)
