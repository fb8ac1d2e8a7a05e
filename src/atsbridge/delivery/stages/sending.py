"""Sending a message once, and keeping its receipt."""

from __future__ import annotations

from dataclasses import replace

from atsbridge.delivery import reader_history, writeback
from atsbridge.delivery.delivery_env import DeliveryEnv
from atsbridge.delivery.delivery_report import make_template_notice
from atsbridge.delivery.draft import Draft, require
from atsbridge.delivery.failover import RouteClosed, ask_sink
from atsbridge.delivery.redirect import Redirected
from atsbridge.delivery.stages.guards import make_text_key
from atsbridge.delivery.stages.rendering import render_notice
from atsbridge.errors import AmbiguousError, AtsbridgeError
from atsbridge.model import Notice, NoticeState, Purpose, Receipt


def look_up_earlier_try(draft: Draft, env: DeliveryEnv) -> Draft:
    """Look at the destination for a message of an earlier try."""
    if not (draft.was_tried or env.request.look_first):
        return draft
    receipt = _find(draft)
    return replace(draft, receipt=receipt, found_there=receipt is not None)


def depart(draft: Draft, env: DeliveryEnv) -> Draft:
    """Store that the notice departs: after a kill, only this one is looked up.

    A note is stored as ours before it is written, so that after a kill no clock counts it as
    activity.
    """
    env.store.outbox.depart(draft.notice.key)
    if require(draft.route).to.kind == "ats":
        remember_note(draft, env, Receipt({}, env.time.now()))
    return draft


def send(draft: Draft, env: DeliveryEnv) -> Draft:
    """Send the message. After an ambiguous answer, look up whether it arrived.

    A message that is refused here for good takes another route: the same text, of another notice,
    is no repetition then. One that is tried again later stays the only one.
    """
    route, message = require(draft.route), require(draft.message)
    try:
        receipt = ask_sink(
            route.to, lambda: route.sink.send(route.to, message, thread=draft.thread)
        )
    except AmbiguousError:
        found = _find(draft)
        if found is None:
            raise
        receipt = found
    except RouteClosed:
        env.sent_texts.discard(make_text_key(draft))
        raise
    return replace(draft, receipt=receipt)


def record_receipt(draft: Draft, env: DeliveryEnv) -> Draft:
    """Settle the notice as sent, and store which writes in the ATS are ours."""
    notice, route, receipt = draft.notice, require(draft.route), require(draft.receipt)
    now = env.time.now()
    if not isinstance(route.sink, Redirected):
        reader_history.remember(env.store, notice, route.to)
    if receipt.aside:
        ops = env.directory.ops
        env.tell_ops(make_template_notice(notice, route.to, receipt.aside, ops, now))
    if route.to.kind == "ats":
        remember_note(draft, env, receipt)
        notice = _record_mark(draft, env, receipt)
    sent = replace(
        notice,
        destination=route.to,
        state=NoticeState.SENT,
        hold=None,
        error=None,
        departed=False,
        text=None,
        attempts=notice.attempts + 1,
        not_before=None,
        sent_at=receipt.at or now,
        receipt=dict(receipt.ids),
    )
    return replace(draft, notice=sent)


def notify_watcher(draft: Draft, env: DeliveryEnv) -> Draft:
    """Pass the message to the watcher, unless an earlier run sent it."""
    watch, message = env.request.watch, draft.message
    if watch is not None and message is not None and not draft.found_there:
        watch(draft.notice, message)
    return draft


def refresh_first_message(draft: Draft, env: DeliveryEnv) -> Draft:
    """Edit the first message to the present state; an error costs only the edit.

    The notice itself was sent. The next step, or the end, edits the message again.
    """
    first = draft.first or (draft.notice if draft.found_there else None)
    route = require(draft.route)
    if first is None or not route.sink.spec.edits:
        return draft
    try:
        message = render_notice(first, draft, env)
        route.sink.edit(route.to, Receipt(first.receipt), message)
    except AtsbridgeError:
        return draft
    return draft


def remember_note(draft: Draft, env: DeliveryEnv, receipt: Receipt) -> None:
    """Remember a note as ours, by its key and when it was written."""
    route = require(draft.route)
    if not isinstance(route.sink, Redirected):
        at = receipt.at or env.time.now()
        writeback.remember_note(env.store, route.to, draft.notice.key, at)


def _record_mark(draft: Draft, env: DeliveryEnv, receipt: Receipt) -> Notice:
    """The notice, with whether the tag or field that it set was there before."""
    notice, route = draft.notice, require(draft.route)
    sets = notice.purpose is not Purpose.RESOLVE and writeback.read_mark(route.to) is not None
    if not sets or isinstance(route.sink, Redirected):
        return notice
    at = receipt.at or env.time.now()
    return replace(notice, foreign_tag=not writeback.claim_mark(env.store, route.to, receipt, at))


def _find(draft: Draft) -> Receipt | None:
    """The message at the destination with the notice's key, if the sink can look it up."""
    route, key = require(draft.route), draft.notice.key
    if not route.sink.spec.looks_up:
        return None
    return ask_sink(route.to, lambda: route.sink.find(route.to, key, thread=draft.thread))
