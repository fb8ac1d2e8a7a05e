"""Removal of a tag or field value when its case ends, even if its rule was removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from atsbridge.delivery import writeback
from atsbridge.delivery.delivery_env import DeliveryEnv
from atsbridge.delivery.draft import Draft, Settled, require
from atsbridge.delivery.failover import ask_sink
from atsbridge.delivery.redirect import Redirected
from atsbridge.delivery.stages import sending
from atsbridge.model import DropCode, Message, NoticeState, Receipt, drop_notice
from atsbridge.presentation import message_data

_UNSETTLED = (NoticeState.SENDING, NoticeState.RETRY)
_SOON = timedelta(minutes=5)


def load_facts(draft: Draft, env: DeliveryEnv) -> Draft:
    """Read the rule, if it is still in a pack, and the facts of the subject."""
    rule = env.find_rule(draft.notice)
    facts = message_data.read(env.store.subjects, rule, draft.notice.subject)
    return replace(draft, rule=rule, facts=facts)


def wait_for_unsettled_tag(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Wait while it is unknown whether the tag was set; drop the notice if it never was."""
    notice = draft.notice
    if draft.first is not None:
        return draft
    mark = writeback.read_mark(require(draft.route).to)
    unsettled = env.store.outbox.read_notices(env.account, case=notice.case, states=_UNSETTLED)
    if any(one.step >= 0 and writeback.read_mark(one.destination) == mark for one in unsettled):
        later = env.time.now() + _SOON
        return Settled(replace(notice, state=NoticeState.RETRY, departed=False, not_before=later))
    return Settled(drop_notice(notice, DropCode.NOTHING_SENT))


def keep_tag(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Leave a tag that is not ours, or that another open case needs."""
    why = writeback.find_reason_to_keep(env.store, require(draft.first))
    return draft if why is None else Settled(drop_notice(draft.notice, why))


def render_removal(draft: Draft, env: DeliveryEnv) -> Draft:
    """Say which tag or value is removed: a redirect shows this to a person."""
    mark = writeback.read_mark(require(draft.route).to)
    message = Message(draft.notice.key, f"{mark} is taken off again", "", tone="done")
    return replace(draft, message=message)


def remove_tag(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Remove the tag; with a redirect, only say so."""
    route, message = require(draft.route), require(draft.message)
    if isinstance(route.sink, Redirected):
        return sending.send(sending.depart(draft, env), env)
    now = env.time.now()
    sending.remember_note(draft, env, Receipt({}, now))
    sent = Receipt(require(draft.first).receipt)
    receipt = ask_sink(route.to, lambda: route.sink.edit(route.to, sent, message))
    writeback.release_mark(env.store, route.to, sent, receipt.at or now)
    return replace(draft, receipt=receipt)
