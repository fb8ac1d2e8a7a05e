"""The results of one delivery, and the messages to the operators about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from atsbridge.cases import hash_parts, make_ops_notice
from atsbridge.errors import AtsbridgeError, ErrorCode, FatalError
from atsbridge.model import Destination, Notice, NoticeState


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
    notice: Notice, to: Destination, what: str, ops: Destination, now: datetime
) -> Notice:
    """Tell the operators that a template failed and the plain layout was sent: once for each."""
    body = f"{what}.\nThe message went out in its plain form, as all do until this is mended."
    topic = f"odd/{to.sink}/{what}"
    return make_ops_notice(
        notice.account, ops, topic, f"A template for {to.sink} has a mistake", body, now
    )


def make_dead_notice(
    notice: Notice, error: AtsbridgeError, ops: Destination, now: datetime
) -> Notice:
    """Tell the operators that a notice is dead: once a day for each cause.

    Where a server was down for long, many die together: that is one message, not one for each.
    """
    why, tries = str(error), notice.attempts
    about = f"rule {notice.rule}, case {notice.case}" if notice.case else f"the {notice.purpose}"
    to = notice.destination
    body = (
        f"{tries} tries to reach a {to.kind} in {to.sink} ({about}): {why}.\n"
        "It is kept, as is what else is given up for this today: `atsbridge notices list` names"
        f" it. `atsbridge notices replay {notice.key}` tries this one again, `atsbridge notices"
        " replay --dead` all of it."
    )
    topic = f"dead/{to.sink}/{to.kind}/{why}/{now:%Y-%m-%d}"
    return make_ops_notice(notice.account, ops, topic, "A message was given up", body, now)


def make_refusal_notice(
    notice: Notice, error: AtsbridgeError, ops: Destination, now: datetime
) -> Notice:
    """Tell the operators what the ATS does not let us write: once for each reason and month."""
    body = (
        f"{error}.\nWhat was to be written there is kept: `atsbridge notices list` names it, and"
        f" `atsbridge notices replay {notice.key}` tries this one again once it is allowed,"
        f" `atsbridge notices replay --rule {notice.rule}` all of its rule."
    )
    topic = f"refused/{error.what}/{now:%Y-%m}"
    return make_ops_notice(notice.account, ops, topic, "The ATS refuses what we write", body, now)
