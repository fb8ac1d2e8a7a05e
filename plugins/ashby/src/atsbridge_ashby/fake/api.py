"""The entry of the fake: the key, its permissions, the body of a request, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from atsbridge.api import TimeSource
from atsbridge.sandbox import Company, Request, Response
from atsbridge_ashby.fake.actions import ACTIONS, Action
from atsbridge_ashby.fake.listing import Lists, Refused, bad, refusal
from atsbridge_ashby.fake.notes_and_tags import Written
from atsbridge_ashby.fake.reading import Reading
from atsbridge_ashby.fake.truth import Row, Truth

# Whether a changed opening moves its job in an incremental reading is not documented: it does not.
SILENT: Mapping[str, tuple[str, ...]] = {"job.list": ("openings",)}
KEY = "ashby-sandbox-key-3e9d70b4a2"
PERMISSIONS = tuple(sorted({action.permission for action in ACTIONS.values()}))
_ONE_BY_ONE = "applicationFeedback.list"


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeOptions:
    """How the fake differs from a usual customer's account.

    `denied`: permissions (of PERMISSIONS) that the key lacks. `token_life`: how long a sync token
    is good for. `all_feedback`: feedback can be listed without an application. `private`: the key
    may write and see private notes.
    """

    key: str = KEY
    denied: frozenset[str] = frozenset()
    token_life: timedelta = timedelta(days=7)
    all_feedback: bool = True
    private: bool = False


class Api:
    """Answers requests. The company lives on with `time` before each."""

    def __init__(self, company: Company, time: TimeSource, options: FakeOptions) -> None:
        self._company = company
        self._time = time
        self._options = options
        self._truth = Truth(company)
        self._written = Written(company, private=options.private)
        self._reading = Reading(self._truth, self._written)
        self._lists = Lists(time, options.token_life, SILENT)

    def __call__(self, request: Request) -> Response:
        name = request.path.removeprefix("/")
        try:
            self._authenticate(request)
            action = ACTIONS.get(name)
            if action is None or request.method != "POST":
                return Response(404, refusal("not_found", "There is no such endpoint"))
            if action.permission in self._options.denied:
                raise Refused("missing_endpoint_permission", action.permission, 403)
            body = _body(request, action)
            with self._company.lock:
                self._company.advance(self._time.now())
                return Response(200, self._answer(name, action, body))
        except Refused as refused:
            return Response(refused.status, refused.body)

    def _authenticate(self, request: Request) -> None:
        if request.basic is None:
            raise Refused("unauthorized", "The API key is missing", 401)
        if request.basic != (self._options.key, ""):
            raise Refused("invalid_api_key", "The API key is not valid", 403)

    def _answer(self, name: str, action: Action, body: Row) -> Row:
        if name == _ONE_BY_ONE and not self._options.all_feedback and "applicationId" not in body:
            raise bad("applicationId is required")
        if action.writes:
            return {"success": True, "results": self._write(name, body)}
        if name == "apiKey.info":
            return {"success": True, "results": self._key_info()}
        if name in self._reading.records:
            return {"success": True, "results": self._reading.records[name](body)}
        render = self._reading.lists[name]
        if not action.pages:
            return {"success": True, "results": render(body), "moreDataAvailable": False}
        version = self._truth.version + self._written.count
        return self._lists.page(name, body, version, lambda: render(body), syncs=action.syncs)

    def _key_info(self) -> Row:
        scopes = sorted({action.permission for action in ACTIONS.values()} - self._options.denied)
        return {"title": "Sandbox key", "createdAt": "2026-01-05T09:00:00.000Z", "scopes": scopes}

    def _write(self, name: str, body: Row) -> Row:
        if name == "candidate.createNote":
            return self._written.add_note(body, self._time.now())
        if name == "candidateTag.create":
            return self._written.make_tag(body["title"])
        candidate = self._written.change_tag(body, add=name == "candidate.addTag")
        return self._reading.records["candidate.info"]({"id": candidate})


def _body(request: Request, action: Action) -> Row:
    """The JSON body. Refused for what is no object, or holds anything that the action lacks."""
    try:
        body: Any = request.json()
    except ValueError:
        raise bad("The body is not JSON") from None
    if not isinstance(body, dict):
        raise bad("The body is not an object")
    for name, value in body.items():
        kind = action.takes.get(name)
        if kind is None:
            raise bad(f"{name} is not a parameter")
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise bad(f"{name} has the wrong type")
    for name in action.needs:
        if not body.get(name):
            raise bad(f"{name} is required")
    return body
