"""Notices as their readers would get them: the text in the form of each kind of sink."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from atsbridge.context import AccountContext
from atsbridge.delivery import (
    DeliveryRequest,
    OfflineSink,
    RehearsalStore,
    note_sent,
    rehearse,
)
from atsbridge.errors import AtsbridgeError
from atsbridge.model import Destination, Hold, Message, Notice, NoticeState, Sensitivity, read
from atsbridge.ports import SinkSpec, Tools
from atsbridge.presentation import describe_notice_reason, digest_message
from atsbridge.rules import Rule
from atsbridge.timesource import FixedNow

_PLAIN = "console"  # the form of a kind of sink that has none of its own


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message in the form of one kind of sink. `kind`: its name, such as "slack"."""

    kind: str
    message: Message
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedNotice:
    """One notice, or a daily summary of several, at the instant `at`.

    `notices`: those it tells. `to`: where it would go. `rendered`: the message in each form, that
    of its own sink first; empty where nothing would be sent, and then `reason` says why. `mark`:
    the tag or field it puts on an application in place of a message.
    """

    notices: tuple[Notice, ...]
    at: datetime
    to: Destination
    rendered: tuple[RenderedMessage, ...] = ()
    reason: str = ""
    digest: bool = False
    mark: str = ""


class Rehearsals:
    """Rehearses notices of one account, one after the other, as if each were sent.

    `alone`: what waits in the outbox is left out. `forms`: further kinds of sink in whose form a
    message is shown.
    """

    def __init__(
        self,
        context: AccountContext,
        rules: Mapping[str, Rule],
        *,
        alone: bool = False,
        forms: Iterable[str] = (),
    ) -> None:
        self.context, self.rules = context, rules
        self.store = RehearsalStore(context.store, alone=alone)
        services, account = context.services, context.account
        self._specs = {name: services.sink_spec(name) for name in services.sink_names(account)}
        self._clearance = {name: services.clearance(name) for name in self._specs}
        self._forms = tuple(dict.fromkeys(forms))

    def show(self, notice: Notice, at: datetime) -> RehearsedNotice:
        """The notice at that instant; one that is held for a digest as a digest of its own."""
        if notice.state is NoticeState.DROPPED:
            why = describe_notice_reason(notice)
            return RehearsedNotice(notices=(notice,), at=at, to=notice.destination, reason=why)
        if notice.hold is Hold.DIGEST:
            return self.show_digest((notice,), notice.not_before or at)
        return self._show(notice, at, (notice,))

    def show_digest(self, lines: tuple[Notice, ...], at: datetime) -> RehearsedNotice:
        """The daily summary of one reader's held notices, of which there is at least one."""
        (digest,) = digest_message.gather(self.context.account, at, lines, ())
        shown = self._show(digest, at, lines)
        sent = lines if shown.rendered else ()
        self.store.keep(
            *(replace(n, state=NoticeState.SENT, hold=None, digest=digest.key) for n in sent)
        )
        return shown

    def _show(self, notice: Notice, at: datetime, notices: tuple[Notice, ...]) -> RehearsedNotice:
        digest = notice not in notices
        request = self._request(at, self._specs, self._clearance)
        first = rehearse(notice, request)
        if first.to is None or first.message is None:
            why = str(first.error) if first.error else describe_notice_reason(first.notice)
            return RehearsedNotice(
                notices=notices, at=at, to=notice.destination, reason=why, digest=digest
            )
        own = self._specs[first.to.sink]
        rendered = [self._render(own, first.message)]
        if first.to.kind != "ats":
            rendered += self._other_forms(notice, at, own)
        note_sent(first, request, self.store)
        mark = read(first.to.address)[1] if first.to.kind == "ats" else None
        return RehearsedNotice(
            notices=notices,
            at=at,
            to=first.to,
            rendered=tuple(rendered),
            digest=digest,
            mark=f"{mark.field} {mark.value}" if mark else "",
        )

    def _other_forms(self, notice: Notice, at: datetime, own: SinkSpec) -> list[RenderedMessage]:
        """The message as each further kind of sink would get it, by that kind's clearance."""
        services, found = self.context.services, []
        for kind in self._forms:
            spec = services.plugins.sink(kind)
            if spec is None or kind == own.name:
                continue
            named = next((n for n, one in services.settings.sinks.items() if one.kind == kind), "")
            clearance = services.clearance(named) if named else spec.clearance
            spec = services.sink_spec(named) if named else spec
            specs, allowed = dict.fromkeys(self._specs, spec), dict.fromkeys(self._specs, clearance)
            result = rehearse(notice, self._request(at, specs, allowed))
            if result.message is not None:
                found.append(self._render(spec, result.message))
        return found

    def _render(self, spec: SinkSpec, message: Message) -> RenderedMessage:
        services, settings = self.context.services, self.context.settings
        own = settings.notify.templates
        tools = Tools(spec.name, self.context.time, templates=settings.path(own) if own else None)
        plain = services.plugins.sink(_PLAIN)
        text = _preview(spec, message, tools)
        if text is None and plain is not None:
            text = _preview(plain, message, tools)
            text = "\n".join([text or "", *_list_buttons(message)])
        return RenderedMessage(spec.name, message, text or f"{message.headline}\n{message.body}")

    def _request(
        self, at: datetime, specs: Mapping[str, SinkSpec], clearance: Mapping[str, Sensitivity]
    ) -> DeliveryRequest:
        context = self.context
        return DeliveryRequest(
            context.account,
            self.store.store,
            {name: OfflineSink(one) for name, one in specs.items()},
            self.rules,
            context.directory,
            FixedNow(at, context.time),
            clearance=clearance,
            declared=context.declared_sensitivity,
        )


def _list_buttons(message: Message) -> list[str]:
    """A line with the labels of its buttons; none without buttons."""
    labels = [f"[{button.label}]" for button in message.buttons]
    return ["   ".join(labels)] if labels else []


def _preview(spec: SinkSpec, message: Message, tools: Tools) -> str | None:
    """The message in the form of this kind of sink; None where it has none, or a plugin raised."""
    if spec.preview is None:
        return None
    try:
        return spec.preview(message, tools)
    except AtsbridgeError:
        raise
    except Exception:  # noqa: BLE001  plain lines serve as well
        return None
