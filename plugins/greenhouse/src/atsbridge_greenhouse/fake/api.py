"""The fake's front door: routes, tokens, scopes, pages, and the one thing that may be written.

What lists hold is in the modules of their rows; how parameters are read in `asking`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from atsbridge.sandbox.http import Request, Response
from atsbridge.timesource import TimeSource
from atsbridge_greenhouse.fake import decisions, panels, people, pipeline, plans
from atsbridge_greenhouse.fake.asking import BadQuestion, answers, understand
from atsbridge_greenhouse.fake.tokens import Token, TokenHost
from atsbridge_greenhouse.fake.truth import Entry, Json, Resource, Truth

RESOURCES: Mapping[str, Resource] = {
    r.name: r for module in (people, plans, pipeline, panels, decisions) for r in module.RESOURCES
}
_NOTE = {"candidate_id", "body", "note_type", "visibility"}
_NOTE_TOO = {"application_id", "user_id"}
_MAIL = {"subject", "email_from", "email_to", "email_cc"}


def all_scopes() -> set[str]:
    """Every permission a client of this fake can have."""
    return {f"harvest:{name}:list" for name in RESOURCES} | {"harvest:notes:create"}


class Api:
    """Harvest v3 over a company. `scopes` may be changed at any time; it takes effect at once.

    `cursor_life` is in seconds of the monotonic clock.
    """

    def __init__(
        self, truth: Truth, tokens: TokenHost, time: TimeSource, *, cursor_life: float = 600.0
    ) -> None:
        self.truth = truth
        self.tokens = tokens
        self.time = time
        self.cursor_life = cursor_life

    @property
    def scopes(self) -> set[str]:
        """What the credential may do."""
        return self.tokens.scopes

    def __call__(self, request: Request) -> Response:
        """Answer one request, the company brought up to now."""
        if request.path in ("/token", "/introspect"):
            if request.method != "POST":
                return _error(404, "Resource not found")
            with self.truth.company.lock:
                return getattr(self.tokens, request.path[1:])(request)  # type: ignore[no-any-return]
        name = request.path.removeprefix("/v3/")
        known = request.path == f"/v3/{name}" and name in RESOURCES
        writes = request.method == "POST" and name == "notes"
        if not known or not (request.method == "GET" or writes):
            return _error(404, "Resource not found")  # before anybody asks for a token
        token = self.tokens.valid(request.bearer)
        if token is None:
            return _error(401, "Unauthorized", "Token is missing, expired or not ours")
        scope = f"harvest:{name}:{'create' if writes else 'list'}"
        if scope not in self.scopes or not self.tokens.may_read(token):
            return _error(403, "Forbidden")
        with self.truth.company.lock:
            self.truth.company.advance(self.time.now())
            try:
                return self._note(request, token) if writes else self._list(name, request)
            except BadQuestion as bad:
                return Response(422, {"message": "Unprocessable entity", "errors": bad.errors})

    # --- lists ----------------------------------------------------------------------------------

    def _list(self, name: str, request: Request) -> Response:
        params = {key: values[-1] for key, values in request.query.items()}
        below = None
        if (cursor := params.pop("cursor", None)) is not None:
            if params:
                raise BadQuestion("cursor must be the only query parameter")
            params, below = self._opened(name, cursor)
        question = understand(RESOURCES[name], params)
        found = answers(RESOURCES[name], self.truth, question, below)
        rows = list(islice(found, question.per_page + 1))
        page = rows[: question.per_page]
        headers = {}
        if len(rows) > len(page):
            host = request.headers.get("Host", "")
            sealed = urlencode({"cursor": self._sealed(name, params, page[-1]["id"])})
            headers["Link"] = f'<http://{host}/v3/{name}?{sealed}>; rel="next"'
        names = question.fields or RESOURCES[name].members
        return Response(200, [{n: row[n] for n in names if n in row} for row in page], headers)

    def _sealed(self, name: str, params: Mapping[str, str], below: int) -> str:
        until = self.time.monotonic() + self.cursor_life
        return base64.urlsafe_b64encode(json.dumps([name, params, below, until]).encode()).decode()

    def _opened(self, name: str, cursor: str) -> tuple[dict[str, str], int]:
        try:
            of, params, below, until = json.loads(base64.urlsafe_b64decode(cursor))
        except ValueError:
            raise BadQuestion({"cursor": "is not valid"}) from None
        if of != name or self.time.monotonic() >= until:
            raise BadQuestion({"cursor": "is not valid or has expired"})
        return params, below

    # --- notes ----------------------------------------------------------------------------------

    def _note(self, request: Request, token: Token) -> Response:
        """POST /v3/notes: the candidate is not looked up, a wrong id makes an orphan."""
        try:
            body = request.json()
        except ValueError:
            return _error(400, "Bad request", "The body is not JSON")
        if not isinstance(body, dict):
            raise BadQuestion("The body is not an object")
        _acceptable(body)
        candidate, application = body["candidate_id"], body.get("application_id")
        if application is not None:
            owner = self.truth.get("application", str(application))
            if owner is None or owner.candidate != str(candidate):
                raise BadQuestion({"application_id": "does not belong to the candidate"})
        note = self.truth.company.add_note(
            str(candidate),
            body["body"],
            application=None if application is None else str(application),
            author=str(body.get("user_id") or token.sub),
            visibility=body["visibility"],
        )
        entry = Entry(int(note.id), note.created_at, note.created_at, note)
        return Response(201, people.note(self.truth, entry))


def _acceptable(body: Json) -> None:
    missing = sorted(_NOTE - body.keys())
    if missing:
        raise BadQuestion(*({"message": "is required", "field": name} for name in missing))
    mail = body["note_type"] == "EMAIL"
    unknown = sorted(body.keys() - _NOTE - _NOTE_TOO - (_MAIL if mail else set()))
    if unknown:
        raise BadQuestion(*(f"{name} is not permitted" for name in unknown))
    if body["note_type"] not in ("NOTE", "ACTIVITY", "EMAIL"):  # upper case only
        raise BadQuestion({"note_type": "must be one of note, activity, email"})
    if body["visibility"] not in ("public", "private", "admin_only"):
        raise BadQuestion({"visibility": "must be one of public, private, admin_only"})
    numbers = ("candidate_id", "application_id", "user_id")
    wrong: list[Any] = [n for n in numbers if not isinstance(body.get(n, 0), int)]
    if wrong or not isinstance(body["body"], str):
        raise BadQuestion(*({name: "is not an integer"} for name in wrong or ["body"]))


def _error(status: int, message: str, *errors: str) -> Response:
    body: Json = {"message": message}
    if errors:
        body["errors"] = list(errors)
    return Response(status, body)
