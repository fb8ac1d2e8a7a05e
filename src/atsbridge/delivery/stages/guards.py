"""Drop messages that must not be read at their destination."""

from __future__ import annotations

from atsbridge.delivery import writeback
from atsbridge.delivery.delivery_env import DeliveryEnv
from atsbridge.delivery.delivery_report import PERSONAL_ONLY
from atsbridge.delivery.draft import Draft, Settled, require
from atsbridge.errors import AtsbridgeError
from atsbridge.model import DropCode, drop_notice
from atsbridge.presentation import kept_back, message_data, secret

_CONFIDENTIAL = AtsbridgeError(
    "a confidential requisition never reaches a channel",
    remedy="Name a person who can be reached, or their delegate",
)


def guard_personal(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Drop a message that only its subject may read, if it would reach anybody else."""
    notice = draft.notice
    if not require(draft.rule).personal or require(draft.route).to.person == notice.subject.id:
        return draft
    env.report(notice, PERSONAL_ONLY)
    return Settled(drop_notice(notice, DropCode.PERSONAL))


def guard_confidential(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Drop a confidential message if only a channel can be reached, and notify the operators."""
    if not secret(require(draft.route).to, require(draft.facts).facts):
        return draft
    env.report(draft.notice, _CONFIDENTIAL)
    env.tell_ops(kept_back(draft.notice, env.directory.ops, env.time.now()))
    return Settled(drop_notice(draft.notice, DropCode.CONFIDENTIAL_CHANNEL))


def guard_tag(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Drop a tag on a confidential requisition: everybody who sees the candidate sees the tag."""
    confidential = require(draft.facts).facts.get(message_data.CONFIDENTIAL)
    if confidential and writeback.is_public(require(draft.route).to):
        return Settled(drop_notice(draft.notice, DropCode.CONFIDENTIAL_TAG))
    return draft


def refuse_repeat(draft: Draft, env: DeliveryEnv) -> Draft | Settled:
    """Drop a message whose text went to the same place in this run.

    Two roles may lead to one reader. Why they get it does not count as text. The lines of a digest
    are dropped with it, or the next run would send them in another.
    """
    if require(draft.route).to.kind == "ats":
        return draft
    text = make_text_key(draft)
    if text in env.sent_texts:
        along = draft.batch.drop_lines(DropCode.REPEATED) if draft.batch else ()
        return Settled(drop_notice(draft.notice, DropCode.REPEATED), along)
    env.sent_texts.add(text)
    return draft


def make_text_key(draft: Draft) -> tuple[object, ...]:
    """What is read, and where: two messages with the same key are one to their reader."""
    to, message = require(draft.route).to, require(draft.message)
    return to.place, message.headline, message.body, message.facts, message.link
