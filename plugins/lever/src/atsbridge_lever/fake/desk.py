"""What every path of the fake needs: rows, rights of the key, checks and pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from atsbridge.sandbox import Company, Request
from atsbridge_lever.fake.account_rows import AccountRows
from atsbridge_lever.fake.candidate_rows import CandidateRows
from atsbridge_lever.fake.pages import Key, List, Refused, Tokens, choice
from atsbridge_lever.fake.truth import Row, Truth

PERMISSIONS = (
    "users",
    "stages",
    "archive_reasons",
    "requisition_fields",
    "requisitions",
    "postings",
    "opportunities",
    "interviews",
    "panels",
    "feedback",
    "offers",
    "notes",
    "notes:write",
    "opportunities:write",
)
RANGES = ("created_at", "updated_at", "advanced_at", "archived_at", "deleted_at")
_CONFIDENTIALITY = ("non-confidential", "confidential", "all")
YES = ("true", "false")


def ranges(*names: str) -> frozenset[str]:
    return frozenset(f"{name}_{end}" for name in names for end in ("start", "end"))


LISTS = {
    "users": List(frozenset({"email", "accessRole", "includeDeactivated"})),
    "stages": List(),
    "archive_reasons": List(frozenset({"type"})),
    "requisition_fields": List(frozenset({"isRequired", "type"})),
    "requisitions": List(
        ranges("created_at") | {"requisition_code", "status", "confidentiality"},
        frozenset({"creator", "owner", "hiringManager"}),
    ),
    "postings": List(
        ranges("updated_at") | {"state", "confidentiality", "department", "location"},
        frozenset({"user", "owner", "hiringManager"}),
    ),
    "opportunities": List(
        ranges("created_at", "updated_at", "advanced_at", "archived_at")
        | {"tag", "source", "confidentiality", "stage_id", "posting_id", "archived"}
        | {"archive_reason_id", "contact_id", "snoozed"},
        frozenset({"applications", "owner", "sourcedBy"}),
    ),
    "deleted": List(ranges("deleted_at")),
    "interviews": List(expands=frozenset({"feedbackForms", "user"})),
    "feedback": List(),
    "panels": List(expands=frozenset({"user", "stage"})),
    "offers": List(expands=frozenset({"creator"})),
    "notes": List(),
    "one": List(expands=frozenset({"applications", "owner", "hiringManager", "creator", "user"})),
}
_USERS = frozenset({"user", "owner", "hiringManager", "creator", "sourcedBy"})


class Desk:
    """One key's view of one company."""

    def __init__(self, company: Company, *, denied: frozenset[str], confidential: bool) -> None:
        self.company = company
        self.truth = Truth(company)
        self.account = AccountRows(self.truth)
        self.people = CandidateRows(self.truth)
        self.tokens = Tokens()
        self._denied = denied
        self._sees_all = confidential

    def may(self, permission: str) -> None:
        if permission in self._denied:
            raise Refused(403, "Forbidden", f"API key has no permission for {permission}")

    def listed(
        self, request: Request, name: str, rows: Iterable[tuple[Key, Any]], render: Any
    ) -> Row:
        def whole(record: Any) -> Row:
            row: Row = render(record)
            for key in request.query.get("expand", ()):
                user = self.truth.one("user", row.get(key)) if key in _USERS else None
                if user is not None:
                    row[key] = self.account.user(user)
            return row

        self.may(name)
        LISTS[name].checked(request)
        return self.tokens.page(request, rows, whole)

    def searches(self, request: Request) -> list[Any]:
        shown = self.shown(request)
        return [search for search in self.truth.live("requisition") if shown(search)]

    def shown(self, request: Request) -> Callable[[Any], bool]:
        """Which searches a list shows: without asking, none that is confidential."""
        asked = choice(request, "confidentiality", _CONFIDENTIALITY) or "non-confidential"
        if asked != "non-confidential" and not self._sees_all:
            raise Refused(403, "Forbidden", "API key cannot access confidential data")
        return lambda search: (
            asked == "all" or bool(search.confidential) == (asked == "confidential")
        )

    def visible(self, search: Any) -> None:
        if search is not None and search.confidential and not self._sees_all:
            raise Refused(403, "Forbidden", "API key cannot access confidential data")

    def found(self, kind: str, id_: str, label: str = "") -> Any:
        row = self.truth.one(kind, id_)
        if row is None:
            raise Refused(404, "ResourceNotFound", f"{label or kind} {id_} was not found")
        return row
