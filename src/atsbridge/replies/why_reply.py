"""Who may reply to a message, and the answer to "why"."""

from __future__ import annotations

from atsbridge.cases import Directory
from atsbridge.context import Services
from atsbridge.model import Notice
from atsbridge.ports import Reply
from atsbridge.presentation import MessageContext, answer_why, message_data


def may_reply(notice: Notice, reply: Reply) -> bool:
    """Whether the author may reply: the recipient of the message, or anybody in a channel."""
    to = notice.destination
    return bool(reply.email) and (to.kind == "channel" or to.address.lower() == reply.email.lower())


def explain_briefly(app: Services, directory: Directory, notice: Notice) -> str:
    """Explain the case of a message to its reader, in a few sentences. Changes nothing."""
    rule = app.packs.rule_set.rules.get(notice.rule)
    case = app.store.cases.read_case(notice.case)
    if rule is None or case is None:
        return "This rule was removed, so there is nothing left to explain."
    found = message_data.read(app.store.subjects, rule, notice.subject)
    clearance = app.clearance(notice.destination.sink)
    context = MessageContext(directory, app.time.now(), clearance)
    return answer_why(rule, notice, case, found, context)
