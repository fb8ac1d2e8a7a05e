"""Delivery in a run: names, time zones and replies first, then the outbox, then the summary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from atsbridge.context import (
    AccountContext,
    AccountSummary,
    FailureCode,
    RunFailure,
    find_sharers,
    held_by_breaker,
    learn_zones,
    suppression_check,
)
from atsbridge.delivery import DeliveryRequest, candidate_names, deliver
from atsbridge.errors import PluginError, SourceError
from atsbridge.model import NoticeState
from atsbridge.queries import SearchFactsReader
from atsbridge.tick.recheck import Recheck

if TYPE_CHECKING:
    from atsbridge.delivery import DeliveryReport
    from atsbridge.model import Message, Notice

WAITING = (NoticeState.QUEUED, NoticeState.RETRY, NoticeState.HELD)


def deliver_notices(
    context: AccountContext,
    done: AccountSummary,
    watch: Callable[[Notice, Message], None] | None,
    *,
    look_first: bool,
) -> None:
    """Send the notices that are due; `watch` is called with every message that was sent.

    `look_first`: the store may be older than the messages that were sent, so look each one up
    first. Replies of people are applied before anything is sent.
    """
    account, store, now = context.account, context.store, context.time.now()
    _refresh_names(context, done)
    _learn_zones(context, store.outbox.read_notices(account, states=WAITING))
    _poll_answers(context, done)
    services, rules = context.services, context.rules
    request = DeliveryRequest(
        account,
        store,
        context.sinks,
        rules,
        context.directory,
        context.time,
        clearance={name: services.clearance(name) for name in services.sink_names(account)},
        declared=context.declared_sensitivity,
        watch=watch,
        attention=context.attention,
        redirect_to=context.settings.notify.redirect_to,
        confirm=Recheck(context, done),
        suppress=suppression_check(store, account, now, rules, context.is_stopped),
        is_stopped=context.is_stopped,
        look_first=look_first,
        sharers=find_sharers(services),
        find_search=SearchFactsReader(context).read,
    )
    report = deliver(request)
    done.breaker = sorted(held_by_breaker(store, account))
    _summarize(account, done, report)


def _refresh_names(context: AccountContext, done: AccountSummary) -> None:
    """Fetch the names of candidates that messages need. Without a name they are still sent."""
    rules, now = context.services.packs.rule_set.rules, context.time.now()
    ids = candidate_names.find_unnamed(context.account, context.store, rules, now)
    if not ids:
        return
    from atsbridge.sync import SyncTarget, refresh

    records, account_map = context.store.records, context.account_map
    try:
        connector = context.connector
        before = connector.requests
        refresh(
            SyncTarget(context.account, connector, records, account_map, context.time),
            "candidate",
            ids,
        )
        done.requests += connector.requests - before
    except (SourceError, PluginError):
        return  # the messages say "a candidate" instead


def _learn_zones(context: AccountContext, waiting: Sequence[Notice]) -> None:
    """Ask the chat for the time zones of the people who are about to get a message."""
    if learn_zones(context, {one.destination.person for one in waiting}):
        locales = context.calendars.locales.items()
        keys = {user: locale.key for user, locale in locales}
        context.store.subjects.save_calendars(context.account, keys)


def _poll_answers(context: AccountContext, done: AccountSummary) -> None:
    """Apply the replies of people."""
    from atsbridge.replies import ReplyPoller

    ReplyPoller(context.services, done, context.directory).poll()


def _summarize(account: str, done: AccountSummary, report: DeliveryReport) -> None:
    done.notices = {str(state): count for state, count in report.counts.items()}
    done.worked |= report.worked
    for failure in report.failures:
        where = failure.where.removeprefix(f"{account}/")
        done.failures.append(
            RunFailure(
                f"{account}/{where}",
                failure.what,
                failure.remedy,
                FailureCode(failure.code.value),
                failure.place,
            )
        )
