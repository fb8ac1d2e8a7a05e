"""The entry of the fake: routes, tokens, scopes and pages."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from itertools import islice
from urllib.parse import urlencode

from atsbridge.api import TimeSource
from atsbridge.sandbox import Request, Response
from atsbridge_greenhouse.fake import decisions, panels, people, pipeline, plans, writing
from atsbridge_greenhouse.fake.asking import BadQuestion, answers, understand
from atsbridge_greenhouse.fake.tokens import Token, TokenHost
from atsbridge_greenhouse.fake.truth import Json, Resource, Truth
from atsbridge_greenhouse.fake.writing import WRITES, NotThere, Write

RESOURCES: Mapping[str, Resource] = {
    r.name: r
    for module in (people, plans, pipeline, panels, decisions, writing)
    for r in module.RESOURCES
}


def all_scopes() -> set[str]:
    """Every permission a client of this fake can have."""
    writes = {scope for scope, _ in WRITES.values()}
    return {f"harvest:{name}:list" for name in RESOURCES} | writes


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
            tokens = self.tokens
            with self.truth.company.lock:
                answer = tokens.token if request.path == "/token" else tokens.introspect
                return answer(request)
        name, _, id_ = request.path.removeprefix("/v3/").partition("/")
        known = request.path.startswith("/v3/") and name in RESOURCES
        write = WRITES.get((request.method, name, bool(id_)))
        if not known or not (write or (request.method == "GET" and not id_)):
            return _error(404, "Resource not found")  # before anybody asks for a token
        token = self.tokens.valid(request.access_token)
        if token is None:
            return _error(401, "Unauthorized", "Token is missing, expired or not ours")
        scope = write[0] if write else f"harvest:{name}:list"
        if scope not in self.scopes or not self.tokens.may_read(token):
            return _error(403, "Forbidden")
        with self.truth.company.lock:
            self.truth.company.advance(self.time.now())
            try:
                if write is None:
                    return self._list(name, request)
                return write[1](self._asked(request, id_, token))
            except NotThere:
                return _error(404, "Resource not found")
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

    # --- writes ---------------------------------------------------------------------------------

    def _asked(self, request: Request, id_: str, token: Token) -> Write:
        try:
            body = request.json() if request.body else {}
        except ValueError:
            raise BadQuestion("The body is not JSON") from None
        if not isinstance(body, dict):
            raise BadQuestion("The body is not an object")
        return Write(self.truth, body, id_, token.sub, self.time.now())


def _error(status: int, message: str, *errors: str) -> Response:
    body: Json = {"message": message}
    if errors:
        body["errors"] = list(errors)
    return Response(status, body)
