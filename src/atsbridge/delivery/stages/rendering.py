"""The message of a notice, made from the facts of now."""

from __future__ import annotations

from dataclasses import replace

from atsbridge.delivery.delivery_env import DeliveryEnv
from atsbridge.delivery.draft import Draft, require
from atsbridge.model import Message, Notice
from atsbridge.presentation import left_out, render, withheld


def render_case_message(draft: Draft, env: DeliveryEnv) -> Draft:
    """Render the message; the operators are notified of what the sink is not cleared for."""
    return replace(draft, message=render_notice(draft.notice, draft, env))


def render_notice(notice: Notice, draft: Draft, env: DeliveryEnv) -> Message:
    """The message of a notice on the draft's case and route."""
    rule, route = require(draft.rule), require(draft.route)
    if out := withheld(rule, route.to, env.find_clearance(route), env.request.declared):
        ops, now = env.directory.ops, env.time.now()
        env.tell_ops(left_out(env.account, rule, route.to, out, ops, now))
    addressed = replace(notice, destination=route.to)
    context = env.make_context(notice, route)
    return render(rule, addressed, require(draft.case), require(draft.facts), context)


def render_answer(draft: Draft, env: DeliveryEnv) -> Draft:
    """Take the text that the answer carries."""
    text = draft.notice.text
    message = Message(draft.notice.key, "", text.body if text else "", tone="done")
    return replace(draft, message=message)
