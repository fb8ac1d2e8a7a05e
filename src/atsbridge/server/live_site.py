"""The routes of the live pages: who may ask, which page answers, and how errors are worded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from atsbridge.queries import Viewer
from atsbridge.server.live_metrics import CONTENT_TYPE
from atsbridge.server.pages import (
    BriefPage,
    CasePage,
    InboxPage,
    OverviewPage,
    PageNotFoundError,
    PromisesPage,
    RequisitionPage,
    SentForm,
)
from atsbridge.server.safeguards import BodyTooLargeError, BodyTooSlowError, PageReader, read_body
from atsbridge.server.site_door import RefusedError, SiteDoor

_HTML = "text/html; charset=utf-8"
_FOR_EVER = "public, max-age=31536000, immutable"
_FORM = "application/x-www-form-urlencoded"
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_FIELDS = 40  # of the form
_COOKIE_SECONDS = 12 * 3600  # a form that stays open over a working day still works
_DIGITS = 10  # of a case's number
_BODY_SECONDS = 10.0
Endpoint = Callable[[Request], Awaitable[Response]]
View = Callable[[], Mapping[str, Any]]


class LiveSite:
    """The pages of one server. `door`: admits readers, and runs what reads the store."""

    def __init__(self, door: SiteDoor) -> None:
        data, snapshots = door.data, door.snapshots
        self._door = door
        self._overview = OverviewPage(data, snapshots)
        self._requisition = RequisitionPage(data)
        self._case = CasePage(data)
        self._promises = PromisesPage(data, snapshots)
        self._brief = BriefPage(data)
        self._inbox = InboxPage(data)

    @property
    def routes(self) -> list[Route]:
        """Every route. Those below the first three need a reader."""
        answer = self._door.answer
        pages: Mapping[str, Endpoint] = {
            "/": self._show_overview,
            "/mine": self._show_promises,
            "/inbox": self._show_inbox,
            "/cases/{number}": self._show_case,
            "/roles/{account}/{name:path}": self._show_requisition,
            "/briefs/{account}/{name:path}": self._show_brief,
            "/metrics": self._show_metrics,
        }
        return [
            Route("/healthz", partial(answer, "/healthz", self._show_health), methods=["GET"]),
            Route("/style/{name}", partial(answer, "/style", self._show_style), methods=["GET"]),
            Route(
                "/briefs/{account}/{name:path}",
                partial(answer, "/briefs/{account}/{name}", self._post_brief),
                methods=["POST"],
            ),
            *(
                Route(path, partial(answer, path.replace(":path", ""), page), methods=["GET"])
                for path, page in pages.items()
            ),
            Route("/{path:path}", partial(answer, "other", self._show_nothing), methods=_METHODS),
        ]

    # --- pages ------------------------------------------------------------------------------

    async def _show_overview(self, request: Request) -> Response:
        reader = self._door.admit(request)
        view = partial(self._overview.view, reader.viewer, dict(request.query_params))
        return await self._page(reader, "overview", view)

    async def _show_promises(self, request: Request) -> Response:
        reader = self._door.admit(request)
        return await self._page(reader, "promises", partial(self._promises.view, reader.viewer))

    async def _show_inbox(self, request: Request) -> Response:
        reader = self._door.admit(request)
        return await self._page(reader, "inbox", partial(self._inbox.view, reader.viewer))

    async def _show_case(self, request: Request) -> Response:
        reader = self._door.admit(request)
        number = request.path_params["number"]
        if not (number.isascii() and number.isdecimal() and len(number) <= _DIGITS):
            raise PageNotFoundError
        view = partial(self._case.view, reader.viewer, int(number))
        return await self._page(reader, "case", view)

    async def _show_requisition(self, request: Request) -> Response:
        reader = self._door.admit(request)
        account, name = request.path_params["account"], request.path_params["name"]
        view = partial(self._requisition.view, reader.viewer, account, name)
        return await self._page(reader, "requisition", view)

    async def _page(
        self,
        reader: PageReader,
        name: str,
        view: Callable[[], Mapping[str, Any]],
        status: int = 200,
    ) -> Response:
        """Read and render in a thread."""

        def render() -> bytes:
            return self._door.renderer.render(name, viewer=reader.viewer, page=name, **view())

        body = await self._door.run(render)
        return Response(body, status, media_type=_HTML)

    # --- the form ---------------------------------------------------------------------------

    async def _show_brief(self, request: Request) -> Response:
        return await self._brief_page(request, self._door.admit(request))

    async def _brief_page(
        self,
        request: Request,
        reader: PageReader,
        sent: SentForm | None = None,
        *,
        message: str = "",
        status: int = 200,
    ) -> Response:
        """The brief with its form. The cookie is set only for those who may use the form."""
        tokens, path = self._door.tokens, request.url.path
        cookie = request.cookies.get(tokens.cookie, "")
        cookie = cookie if tokens.is_cookie(cookie) else tokens.new_cookie()
        account, name = request.path_params["account"], request.path_params["name"]

        def view() -> dict[str, Any]:
            values = self._brief.view(reader.viewer, account, name, sent)
            token = tokens.make(cookie, reader.key, path) if values["may_write"] else ""
            return {**values, "token": token, "message": message}

        response = await self._page(reader, "brief", view, status)
        if reader.viewer.email:
            response.set_cookie(
                tokens.cookie,
                cookie,
                max_age=_COOKIE_SECONDS,
                secure=tokens.is_secure,
                httponly=True,
                samesite="strict",
            )
        return response

    async def _post_brief(self, request: Request) -> Response:
        """Store what the form says; a form that is too old is shown again."""
        reader = self._door.admit(request)
        form = await self._read_form(request)
        tokens, path = self._door.tokens, request.url.path
        cookie = request.cookies.get(tokens.cookie, "")
        if not tokens.is_own_site(request.headers):
            raise RefusedError(403)
        if not tokens.is_valid(form.get("token", ""), cookie, reader.key, path):
            return await self._brief_page(request, reader, message="old", status=403)
        account, name = request.path_params["account"], request.path_params["name"]
        sent = await self._door.run(partial(self._write, reader.viewer, account, name, form))
        if sent.refused or sent.is_outdated:
            return await self._brief_page(request, reader, sent, status=409)
        return RedirectResponse(quote(path), 303)

    def _write(self, viewer: Viewer, account: str, name: str, form: Mapping[str, str]) -> SentForm:
        """Store what the form says: answers, or an agreement."""
        if form.get("act") == "answer":
            answer = partial(self._brief.answer, viewer, account, name, form)
            sent = self._door.retry_locked(answer)
        else:
            agree = partial(self._brief.agree, viewer, account, name, form.get("seen", ""))
            sent = self._door.retry_locked(agree)
        self._door.snapshots.forget(account)
        return sent

    async def _read_form(self, request: Request) -> dict[str, str]:
        """The fields of a form, the last of each name."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            raise RefusedError(415)
        try:
            body = await read_body(request, self._door.bounds.form, _BODY_SECONDS)
            pairs = parse_qsl(
                body.decode(), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict"
            )
        except BodyTooLargeError:
            raise RefusedError(413) from None
        except (BodyTooSlowError, ValueError):
            raise RefusedError(400) from None
        return dict(pairs)

    async def _show_nothing(self, request: Request) -> Response:
        """Any other path or method; who may not read is not told that there is nothing."""
        self._door.admit(request)
        raise PageNotFoundError

    # --- for machines -----------------------------------------------------------------------

    async def _show_health(self, request: Request) -> Response:
        del request
        good = await self._door.is_healthy()
        return PlainTextResponse(
            "ok\n" if good else "the store cannot be read\n", 200 if good else 503
        )

    async def _show_metrics(self, request: Request) -> Response:
        if not self._door.admit(request).viewer.ops:
            raise PageNotFoundError
        body = await self._door.run(self._door.metrics.render)
        return Response(body, media_type=CONTENT_TYPE)

    async def _show_style(self, request: Request) -> Response:
        renderer = self._door.renderer
        if request.url.path != renderer.style_path:
            raise PageNotFoundError
        return Response(renderer.style, media_type="text/css", headers={"cache-control": _FOR_EVER})
