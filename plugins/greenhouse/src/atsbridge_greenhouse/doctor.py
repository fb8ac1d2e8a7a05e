"""The checks of `atsbridge doctor`: credential, acting user, one row of each list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from atsbridge.api import (
    APPLICATION_FIELD,
    APPLICATION_NOTE,
    JOB_NOTE,
    TAG,
    ApiCredential,
    AuthError,
    CheckResult,
    ClientCredentials,
    ConnectorSpec,
    DeniedError,
    FatalError,
    HttpSession,
    SessionOptions,
    SourceError,
    Stream,
    Tools,
    check_connection,
    is_fatal,
)
from atsbridge_greenhouse import mapped_fields, problems
from atsbridge_greenhouse.settings import GreenhouseSettings
from atsbridge_greenhouse.values import ident


def _scopes(*names: str) -> tuple[str, ...]:
    return tuple(f"harvest:{name}" for name in names)


# Lists that only `links` reads -> the stream that they complete.
LINKED = {
    "job_interviews": "interviews",
    "close_reasons": "jobs",
    "job_posts": "pay_input_ranges",
    "sources": "applications",
    "approver_groups": "approvers",
    "approval_flows": "approvers",
    "candidate_attribute_types": "job_candidate_attributes",
    "focus_candidate_attributes": "job_candidate_attributes",
    "interview_kits": "job_candidate_attributes",
}


# Scopes for each kind of write, besides those for reading.
NEEDS = {
    APPLICATION_NOTE: _scopes("notes:create", "notes:list", "candidates:list"),
    JOB_NOTE: _scopes("job_notes:create", "job_notes:list"),
    TAG: _scopes(
        "applied_candidate_tags:create",
        "applied_candidate_tags:destroy",
        "applied_candidate_tags:list",
        "candidate_tags:list",
    ),
    APPLICATION_FIELD: _scopes(
        "applications:update", "custom_fields:list", "custom_field_options:list"
    ),
}


_ACT_AS = "Let the credential act as its service user or a Site Admin"


class _Introspection(msgspec.Struct):
    active: bool | None = None
    sub: str | int | None = None
    scope: str | None = None
    claims: Any = msgspec.field(default=None, name="https://auth.greenhouse.io/claims")


class Doctor:
    """Checks the credential and asks the token host for its scopes. Its repr shows no secret."""

    def __init__(
        self, settings: GreenhouseSettings, tools: Tools, token: ClientCredentials
    ) -> None:
        self._token = token
        self._sub = settings.sub
        self._mapped = mapped_fields.mapped(tools.map)
        self._url = settings.token_url.removesuffix("/token") + "/introspect"
        self._session = HttpSession(
            tools.name,
            settings.token_url,
            time=tools.time,
            credential=ApiCredential.basic(
                settings.client_id,
                settings.client_secret.get_secret_value(),
                remedy=problems.CREDENTIAL,
            ),
            options=SessionOptions(bounds=tools.bounds),
        )

    def check(self, spec: ConnectorSpec, harvest: HttpSession) -> Iterator[CheckResult]:
        """Run the checks, cheapest first; stop where nothing further can work."""
        try:
            self._token.headers()
        except SourceError as refused:
            yield CheckResult("token", good=False, detail=refused.what, remedy=refused.remedy)
            return
        yield CheckResult("token", good=True)
        lists = {s.path: s.scope for s in spec.streams}
        linked = [
            *LINKED,
            *(path for s in spec.streams if s.only_if_mapped for path in s.cost.lookups),
        ]
        lists |= {path: f"harvest:{path}:list" for path in linked}
        for place, (path, scope) in enumerate(lists.items()):
            error = _asked(harvest, path)
            if place == 0:
                lines = check_connection(harvest, error)
                yield from lines
                if is_fatal(lines):
                    return
                yield self._acting()
            denied = isinstance(error, DeniedError)
            yield CheckResult(
                f"read {path}",
                good=error is None,
                detail=error.what if error else "",
                remedy=problems.permission(scope) if denied else error.remedy if error else "",
                stream=path,
            )
            if isinstance(error, AuthError):
                return
        yield from mapped_fields.check(harvest, self._mapped)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def __repr__(self) -> str:
        return f"Doctor({self._session.name!r})"

    def actor(self) -> str:
        """The id of the user who is shown as the author of writes. FatalError if it is unknown."""
        found = self._sub or ident(self._introspect().sub)
        if found is None:
            raise FatalError(
                "a note on a job needs its author, and the token host does not tell who acts",
                where=self._session.name,
                remedy="Set sub of the account to the id of a Greenhouse user",
            )
        return found

    def check_write(self, capability: str) -> CheckResult:
        """Whether the token has the scopes to write this, if its host returns them."""
        what = f"write {capability}"
        try:
            scope = self._introspect().scope
            if capability == JOB_NOTE:
                self.actor()
        except SourceError as error:
            return CheckResult(what, good=False, detail=error.what, remedy=error.remedy)
        if scope is None:
            return CheckResult(what, good=True, detail="shows only once it is written")
        missing = [name for name in NEEDS[capability] if name not in scope.split()]
        if not missing:
            return CheckResult(what, good=True, detail="the token has the scopes for it")
        detail = f"the token lacks {', '.join(missing)}"
        return CheckResult(what, good=False, detail=detail, remedy=problems.permission(missing[0]))

    def check_visibility(self, stream: Stream) -> CheckResult:
        """Whether the token has the list's scope and acts for somebody who sees everything.

        Reads are for Site Admins and the credential's own service user; for anybody else a list
        may come empty. Where the token host does not tell both, nothing is proved.
        """
        what, found = f"see all of {stream.name}", self._introspect()
        lists = (stream.path, *stream.cost.lookups)
        scopes = (found.scope or "").split()
        missing = [
            s for s in (f"harvest:{one.partition('?')[0]}:list" for one in lists) if s not in scopes
        ]
        claims = found.claims if isinstance(found.claims, dict) else {}
        role = str(claims.get("user_role") or "")
        if found.active is not True or found.scope is None or not role:
            return CheckResult(what, good=False, detail="the token host does not tell")
        if missing:
            remedy = problems.permission(missing[0])
            return CheckResult(what, False, f"the token lacks {', '.join(missing)}", remedy)
        if not _sees_everything(role):
            return CheckResult(what, False, f"the acting user is {role}", _ACT_AS)
        return CheckResult(what, True, f"the token has {stream.scope} and acts as {role}")

    def _introspect(self) -> _Introspection:
        """The token host's answer about the token; empty if there is none."""
        held = self._token.headers()["Authorization"].removeprefix("Bearer ")
        form = {"token": held, "token_type_hint": "access_token"}
        try:
            answer = self._session.send("POST", self._url, data=form, safe=True)
            return msgspec.json.decode(answer.body, type=_Introspection)
        except (SourceError, msgspec.DecodeError):
            return _Introspection()

    def _acting(self) -> CheckResult:
        """The user whose rights the token has. An answer without rows proves nothing."""
        found = self._introspect()
        if found == _Introspection():
            return CheckResult("acting user", good=True, detail="the token host does not tell")
        claims = found.claims if isinstance(found.claims, dict) else {}
        organization = claims.get("organization")
        name = organization.get("name") if isinstance(organization, dict) else None
        role = str(claims.get("user_role") or "")
        detail = ", ".join(
            f"{label} {value}"
            for label, value in (("user", ident(found.sub)), ("role", role), ("of", name))
            if value
        )
        good = found.active is not False and (not role or _sees_everything(role))
        remedy = "" if good else _ACT_AS
        return CheckResult("acting user", good=good, detail=detail, remedy=remedy)


def _sees_everything(role: str) -> bool:
    return "admin" in role or "service" in role


def _asked(harvest: HttpSession, path: str) -> SourceError | None:
    """The check of a list by reading one row."""
    try:
        harvest.get(path, {"per_page": "1", "fields": "id"})
    except SourceError as error:
        return error
    return None
