"""The entry of the fake: the API key, the routes, and refusals with Lever's messages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from atsbridge.api import TimeSource
from atsbridge.sandbox import Company, Request, Response
from atsbridge_lever.fake.account_paths import AccountPaths
from atsbridge_lever.fake.candidate_paths import CandidatePaths
from atsbridge_lever.fake.desk import Desk
from atsbridge_lever.fake.pages import Refused

_PATHS: tuple[tuple[str, re.Pattern[str], str, str], ...] = tuple(
    (method, re.compile(f"/v1{path}"), part, name)
    for method, path, part, name in (
        ("GET", "/users", "_account", "users"),
        ("GET", "/users/([^/]+)", "_account", "user"),
        ("GET", "/stages", "_account", "stages"),
        ("GET", "/disposition_stages", "_account", "disposition"),
        ("GET", "/archive_reasons", "_account", "archive_reasons"),
        ("GET", "/requisition_fields", "_account", "requisition_fields"),
        ("GET", "/requisitions", "_account", "requisitions"),
        ("GET", "/postings", "_account", "postings"),
        ("GET", "/postings/([^/]+)", "_account", "posting"),
        ("GET", "/opportunities", "_people", "opportunities"),
        ("GET", "/opportunities/deleted", "_people", "deleted"),
        ("GET", "/opportunities/([^/]+)", "_people", "opportunity"),
        ("GET", "/opportunities/([^/]+)/interviews", "_people", "interviews"),
        ("GET", "/opportunities/([^/]+)/panels", "_people", "panels"),
        ("GET", "/opportunities/([^/]+)/feedback", "_people", "feedback"),
        ("GET", "/opportunities/([^/]+)/offers", "_people", "offers"),
        ("GET", "/opportunities/([^/]+)/notes", "_people", "notes"),
        ("POST", "/opportunities/([^/]+)/notes", "_people", "add_note"),
        ("POST", "/opportunities/([^/]+)/(addTags|removeTags)", "_people", "change_tags"),
    )
)


class Api:
    """Answers requests. The company lives on with `time` before each."""

    def __init__(
        self,
        company: Company,
        time: TimeSource,
        *,
        key: str,
        denied: frozenset[str],
        confidential: bool,
        disposition: bool,
    ) -> None:
        desk = Desk(company, denied=denied, confidential=confidential)
        self._company = company
        self._time = time
        self._key = key
        self._account = AccountPaths(desk, disposition=disposition)
        self._people = CandidatePaths(desk, time)

    def __call__(self, request: Request) -> Response:
        try:
            if request.basic != (self._key, ""):
                raise Refused(401, "Unauthorized", "Invalid API key")
            with self._company.lock:
                self._company.advance(self._time.now())
                return self._routed(request)
        except Refused as refused:
            return Response(refused.status, refused.body)

    def _routed(self, request: Request) -> Response:
        for method, path, part, name in _PATHS:
            match = path.fullmatch(request.path)
            if match and method == request.method:
                answer: Callable[..., Any] = getattr(getattr(self, part), name)
                found = answer(request, *match.groups())
                return found if isinstance(found, Response) else Response(200, found)
        raise Refused(404, "ResourceNotFound", f"{request.path} was not found")
