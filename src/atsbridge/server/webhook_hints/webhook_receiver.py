"""Receives webhooks: verified over the raw body, stored, then answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from atsbridge.errors import AtsbridgeError, FatalError, PluginError
from atsbridge.ports import HintStore, ReceivedHints, RefreshHint, WebhookDelivery
from atsbridge.server.safeguards import (
    BodyTooLargeError,
    BodyTooSlowError,
    RequestLimiter,
    plain_address,
    read_body,
)
from atsbridge.server.site_door import SiteDoor
from atsbridge.server.webhook_hints.account_webhooks import AccountWebhooks
from atsbridge.server.webhook_hints.hint_writer import HintWriter

_BODY_SECONDS = 10.0
_STORE_SECONDS = 10.0  # then the vendor is told to try again; what was stored meanwhile is known
_KEY = 200  # characters of the key of a hint
_IDS = 1000  # of one hint; a candidate has a few applications


class WebhookReceiver:
    """Answers POST /webhooks/ACCOUNT. `wake`: called with the account once something is stored."""

    def __init__(
        self,
        door: SiteDoor,
        accounts: Mapping[str, AccountWebhooks],
        writer: HintWriter,
        wake: Callable[[str], None],
    ) -> None:
        self._door, self._accounts, self._writer, self._wake = door, accounts, writer, wake
        self._limiter = RequestLimiter(door.bounds.webhooks, door.time.monotonic)

    @property
    def route(self) -> Route:
        """The route; it needs no reader."""
        answer = partial(self._door.answer, "/webhooks", self.receive)
        return Route("/webhooks/{account}", answer, methods=["POST"])

    async def receive(self, request: Request) -> Response:
        """Store one delivery and answer 200; the vendor repeats what gets anything else.

        Who sends nothing genuine is told nothing. An account that takes no webhooks looks like one
        that does not exist.
        """
        name = request.path_params["account"]
        account = self._accounts.get(name)
        address = plain_address(request.client.host) if request.client else ""
        if account is None:
            return Response(b"", 404)
        if wait := self._limiter.take(address):
            return Response(b"", 429, {"retry-after": str(int(wait) + 1)})
        try:
            body = await read_body(request, self._door.bounds.webhook, _BODY_SECONDS)
        except BodyTooLargeError:
            await self._refuse(name, f"it is larger than {self._door.bounds.webhook} bytes")
            return Response(b"", 413)
        except BodyTooSlowError:
            return Response(b"", 408)
        headers = {key.lower(): value for key, value in request.headers.items()}
        delivery = WebhookDelivery(headers, body, self._door.services.time.now())
        try:
            hints = parse_delivery(account, delivery, name)
        except AtsbridgeError as error:
            await self._refuse(name, error.what)
            return Response(b"", 401 if isinstance(error, FatalError) else 500)
        return await self._store(ReceivedHints(name, delivery.at, hints))

    async def _store(self, received: ReceivedHints) -> Response:
        try:
            future = self._writer.submit(received)
            async with asyncio.timeout(_STORE_SECONDS):
                stored = await asyncio.wrap_future(future)
        except Exception as error:  # noqa: BLE001  the vendor repeats it, whatever it was
            self._door.note(
                {
                    "action": "webhook_postponed",
                    "account": received.account,
                    "error": type(error).__name__,
                }
            )
            stored = False
        if not stored:
            return Response(b"", 503, {"retry-after": "60"})
        if received.hints:
            self._wake(received.account)
        return PlainTextResponse("ok\n")

    async def _refuse(self, account: str, why: str) -> None:
        """Count it, so that `atsbridge webhooks` shows it, and log it."""
        self._door.note({"action": "webhook_refused", "account": account, "why": why})
        hints: HintStore = self._door.services.store.hints
        await self._door.run(
            partial(_count_refusal, hints, account, self._door.services.time.now(), why)
        )


def parse_delivery(
    account: AccountWebhooks, delivery: WebhookDelivery, name: str
) -> tuple[RefreshHint, ...]:
    """What the delivery says, within bounds. FatalError where it is refused.

    PluginError, which quotes nothing, where the connector raised anything else.
    """
    try:
        found = account.spec.parse(delivery, account.secret)
    except AtsbridgeError:
        raise
    except Exception as error:  # noqa: BLE001  the plugin boundary
        raise PluginError(
            f"the connector raised {type(error).__name__} while it parsed a webhook", where=name
        ) from None
    return tuple(
        RefreshHint(one.kind, tuple(one.ids[:_IDS]), one.key[:_KEY], one.at)
        for one in found
        if one.ids and one.key
    )


def _count_refusal(hints: HintStore, account: str, at: datetime, why: str) -> None:
    try:
        hints.note_refusal(account, at, why)
    except AtsbridgeError:
        return  # the log has it; a busy store must not turn a refusal into an error
