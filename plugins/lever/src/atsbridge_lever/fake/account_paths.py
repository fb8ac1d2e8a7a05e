"""The paths of the account: users, stages, reasons, postings, requisitions."""

from __future__ import annotations

from atsbridge.sandbox import Request
from atsbridge_lever.fake.account_rows import need_of
from atsbridge_lever.fake.desk import LISTS, YES, Desk, ranges
from atsbridge_lever.fake.pages import Refused, bad, choice, in_range
from atsbridge_lever.fake.truth import Row, ms


class AccountPaths:
    """Reading what belongs to no candidate. `disposition`: there is `/disposition_stages`."""

    def __init__(self, desk: Desk, *, disposition: bool) -> None:
        self._desk = desk
        self.disposition_stages = disposition

    def users(self, request: Request) -> Row:
        everybody = choice(request, "includeDeactivated", YES) == "true"
        email = request.param("email")
        rows = [
            ((number, user.id), user)
            for number, user in enumerate(self._desk.truth.live("user"))
            if (user.active or everybody) and email in ("", user.email)
        ]
        return self._desk.listed(request, "users", rows, self._desk.account.user)

    def user(self, request: Request, id_: str) -> Row:
        self._desk.may("users")
        LISTS["one"].checked(request)
        return {"data": self._desk.account.user(self._desk.found("user", id_))}

    def stages(self, request: Request) -> Row:
        rows = [((stage.order,), stage) for stage in self._desk.truth.live("stage")]
        return self._desk.listed(request, "stages", rows, self._desk.account.stage)

    def disposition(self, request: Request) -> Row:
        self._desk.may("stages")
        if not self.disposition_stages or request.query:
            raise Refused(404, "ResourceNotFound", "disposition_stages was not found")
        return {"data": self._desk.account.disposition()}

    def archive_reasons(self, request: Request) -> Row:
        kind = choice(request, "type", ("hired", "non-hired"))
        rows = [
            ((number,), reason)
            for number, reason in enumerate(self._desk.truth.live("reason"))
            if kind in (None, "hired" if reason.kind == "hired" else "non-hired")
        ]
        return self._desk.listed(request, "archive_reasons", rows, self._desk.account.reason)

    def requisition_fields(self, request: Request) -> Row:
        rows = [((row["id"],), row) for row in self._desk.account.requisition_fields()]
        return self._desk.listed(request, "requisition_fields", rows, dict)

    def requisitions(self, request: Request) -> Row:
        codes, status = request.query.get("requisition_code"), request.param("status")
        rows = [
            ((need_of(search.id),), search)
            for search in self._desk.searches(request)
            if (codes is None or search.code in codes)
            and in_range(request, "created_at", ms(search.created_at))
            and status in ("", self._desk.account.requisition(search)["status"])
        ]
        rows.sort(key=lambda row: row[0])
        return self._desk.listed(request, "requisitions", rows, self._desk.account.requisition)

    def postings(self, request: Request) -> Row:
        ranged = request.query.keys() & ranges("updated_at")
        others = request.query.keys() - ranged - {"confidentiality", "limit", "offset", "expand"}
        if ranged and others:
            raise bad("updated_at can only be combined with confidentiality")
        states = request.query.get("state")
        rows = [
            ((-(ms(search.created_at) or 0), search.id), search)
            for search in self._desk.searches(request)
            if in_range(request, "updated_at", ms(search.updated_at))
            and (states is None or self._desk.account.posting(search)["state"] in states)
            and request.param("department") in ("", search.department)
            and request.param("location") in ("", search.office)
        ]
        rows.sort(key=lambda row: row[0])
        return self._desk.listed(request, "postings", rows, self._desk.account.posting)

    def posting(self, request: Request, id_: str) -> Row:
        self._desk.may("postings")
        LISTS["one"].checked(request)
        search = self._desk.found("requisition", id_)
        self._desk.visible(search)
        return {"data": self._desk.account.posting(search)}
