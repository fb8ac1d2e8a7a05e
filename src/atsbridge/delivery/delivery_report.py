"""The results of one delivery, and the messages to the operators about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from atsbridge.cases import hash_parts, make_ops_notice
from atsbridge.errors import AtsbridgeError, ErrorCode, FatalError
from atsbridge.model import Destination, Notice, NoticeState
from atsbridge.presentation import delivery_alerts

PERSONAL_ONLY = AtsbridgeError(
    "what is found of a person is sent to that person alone",
    remedy="Give the person an address in the ATS, or retire the rule",
)


@dataclass(frozen=True, slots=True)
class DeliveryFailure:
    """A notice that was not sent this time: which, what happened, and the remedy.

    `place`: the sink that was tried, or the one address in it, as in `DeliveryReport.worked`.
    """

    notice: Notice
    where: str
    what: str
    remedy: str
    place: str
    code: ErrorCode


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of the notices: state -> how many; `failures` are to be tried again, or dead.

    `worked`: the sinks, and the addresses in them, that took a message.
    """

    counts: Mapping[NoticeState, int]
    failures: tuple[DeliveryFailure, ...] = ()
    worked: frozenset[str] = frozenset()


def make_failure(account: str, notice: Notice, error: AtsbridgeError) -> DeliveryFailure:
    """What happened to a notice."""
    where = error.where or f"{account}/{notice.destination.sink}"
    place = name_place(notice.destination, error)
    return DeliveryFailure(notice, where, error.what, error.remedy, place, error.code)


def name_place(to: Destination, error: AtsbridgeError) -> str:
    """What was tried: the sink, or the address where the error concerns only that one."""
    if isinstance(error, FatalError):
        return f"sink/{to.sink}/{hash_parts(to.kind, to.address)}"
    return f"sink/{to.sink}"


def make_template_notice(
    notice: Notice, to: Destination, error: str, ops: Destination, now: datetime
) -> Notice:
    """Tell the operators that a template failed and the plain layout was sent: once for each."""
    text = delivery_alerts.describe_template_error(to.sink, error)
    return make_ops_notice(notice.account, ops, f"template/{to.sink}/{error}", text, now)


def make_dead_notice(
    notice: Notice, error: AtsbridgeError, ops: Destination, now: datetime
) -> Notice:
    """Tell the operators that a notice is dead: once a day for each cause.

    Where a server was down for long, many die together: that is one message, not one for each.
    """
    to = notice.destination
    topic = f"dead/{to.sink}/{to.kind}/{error}/{now:%Y-%m-%d}"
    text = delivery_alerts.describe_dead(notice, error)
    return make_ops_notice(notice.account, ops, topic, text, now)


def make_refusal_notice(
    notice: Notice, error: AtsbridgeError, ops: Destination, now: datetime
) -> Notice:
    """Tell the operators what the ATS does not let us write: once for each reason and month."""
    text = delivery_alerts.describe_refusal(notice, error)
    topic = f"refused/{error.what}/{now:%Y-%m}"
    return make_ops_notice(notice.account, ops, topic, text, now)
