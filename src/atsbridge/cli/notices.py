"""`atsbridge notices`: the messages in the outbox, and what operators may do with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli.message_lines import describe_message
from atsbridge.cli.options import ACCOUNT, JSON, CommandGroup
from atsbridge.cli.output import emit_json, table
from atsbridge.errors import ConfigError
from atsbridge.model import to_iso

if TYPE_CHECKING:
    from atsbridge.cli.documents import NoticeDocument
    from atsbridge.context import Services
    from atsbridge.model import Notice
    from atsbridge.queries import RehearsedNotice

_DRY = click.option("--dry-run", is_flag=True, help="List the messages, change nothing.")


@click.group(cls=CommandGroup, invoke_without_command=True)
@click.pass_context
def notices(context: click.Context) -> None:
    """List messages that wait, are held or have failed, and why."""
    if context.invoked_subcommand is None:
        context.invoke(list_notices)


@notices.command("list")
@ACCOUNT
@click.option("--all", "every", is_flag=True, help="Include sent and dropped messages.")
@JSON
@click.pass_obj
def list_notices(config: Path, account: str | None, every: bool, as_json: bool) -> None:
    """List messages that were not sent, the oldest first."""
    from atsbridge.app import open_services
    from atsbridge.presentation import describe_notice_reason

    with open_services(config) as app:
        found = [one for one in _all(app, account) if every or _unsent(one)]
    if as_json:
        emit_json({"notices": [_convert(one) for one in found]})
        return
    table(
        ("notice", "rule", "case", "to", "state", "reason"),
        [
            (
                one.key,
                one.rule or one.purpose,
                str(one.case or "-"),
                _to(one),
                str(one.state),
                describe_notice_reason(one),
            )
            for one in found
        ],
        empty="No message waits.",
    )


@notices.command()
@click.argument("key")
@JSON
@click.pass_obj
def show(config: Path, key: str, as_json: bool) -> None:
    """Show one message. KEY may be the first digits of its key.

    Its text is not stored: it is made from the facts that are stored now.
    """
    from atsbridge.app import open_services
    from atsbridge.queries import convert_rehearsed

    with open_services(config) as app:
        notice = _find_one(app, key)
        shown = _rehearse(app, notice)
        rules = app.packs.rule_set.rules
    document = _convert(notice)
    if as_json:
        emit_json({**document, "rehearsal": convert_rehearsed(shown) if shown else None})
        return
    for name, value in document.items():
        if value not in ("", None):
            click.echo(f"{name}: {value}")
    for line in describe_message(shown, rules) if shown else ():
        click.echo(line)


@notices.command()
@click.argument("key", default="")
@click.option("--rule", default="", help="All failed messages of this rule.")
@click.option("--dead", is_flag=True, help="All failed messages.")
@click.option("--account", help="Only this account; with --rule or --dead.")
@_DRY
@click.pass_obj
def replay(
    config: Path, key: str, rule: str, dead: bool, account: str | None, dry_run: bool
) -> None:
    """Send failed messages again on the next run: one by its KEY, or many.

    A message that no longer applies by then is dropped.
    """
    from atsbridge.app import open_services
    from atsbridge.model import NoticeState, queue_notice

    if sum(map(bool, (key, rule, dead))) != 1:
        raise ConfigError("name what to send again", remedy="Write a KEY, --rule RULE or --dead")

    def again(one: Notice) -> Notice:
        return replace(queue_notice(one), attempts=1)

    with open_services(config) as app:
        found = [_find_one(app, key)] if key else _find_dead(app, rule, account)
        if found and found[0].state is not NoticeState.DEAD:
            one = found[0]
            raise ConfigError(f"notice {one.key} is {one.state}, not dead: nothing to replay")
        _change(app, found, _is_dead, again, "queued for the next run", dry_run=dry_run)
    if not found:
        click.echo("No message has failed.")


@notices.command()
@click.argument("rule")
@ACCOUNT
@_DRY
@click.pass_obj
def release(config: Path, rule: str, account: str | None, dry_run: bool) -> None:
    """Release the messages of RULE that the circuit breaker holds. Quiet hours still apply."""
    from atsbridge.app import open_services
    from atsbridge.model import queue_notice

    with open_services(config) as app:
        found = _find_held(app, rule, account)
        _change(app, found, _is_broken, queue_notice, "released", dry_run=dry_run)


@notices.command()
@click.argument("rule")
@ACCOUNT
@_DRY
@click.pass_obj
def drop(config: Path, rule: str, account: str | None, dry_run: bool) -> None:
    """Drop the messages of RULE that the circuit breaker holds. Cases stay open."""
    from atsbridge.app import open_services
    from atsbridge.model import DropCode, drop_notice

    def discard(one: Notice) -> Notice:
        return drop_notice(one, DropCode.OPERATOR)

    with open_services(config) as app:
        found = _find_held(app, rule, account)
        _change(app, found, _is_broken, discard, "dropped", dry_run=dry_run)


def _rehearse(app: Services, notice: Notice) -> RehearsedNotice | None:
    """The notice as it would be sent now; None where it never is, or is for one person alone."""
    from atsbridge.context import AccountContext
    from atsbridge.model import NoticeState
    from atsbridge.queries import Rehearsals
    from atsbridge.rules import PERSON

    if notice.state is NoticeState.DROPPED or notice.subject.kind == PERSON:
        return None
    context = AccountContext(app, notice.account)
    return Rehearsals(context, context.rules).show(notice, app.time.now())


def _change(
    app: Services,
    found: Iterable[Notice],
    still: Callable[[Notice], bool],
    how: Callable[[Notice], Notice],
    outcome: str,
    *,
    dry_run: bool,
) -> None:
    """Change the notices with `how`; a dry run only lists them.

    They are read again under the account's lock. A notice that a run has changed meanwhile, so that
    it is not `still` what was asked for, is left alone.
    """
    from atsbridge.presentation import describe_notice_reason

    by_account: dict[str, list[Notice]] = {}
    for one in found:
        by_account.setdefault(one.account, []).append(one)
    for account, its in by_account.items():
        if not dry_run:
            with app.store.lock(account):
                keys = {one.key for one in its}
                its = [
                    n for n in app.store.outbox.read_notices(account) if n.key in keys and still(n)
                ]
                app.store.outbox.settle(*(how(one) for one in its))
        click.echo(f"{account}: {len(its)} {'would be ' if dry_run else ''}{outcome}")
        for one in its if dry_run else ():
            why = describe_notice_reason(one)
            click.echo(f"  {one.key}  {one.rule or one.purpose}  {_to(one)}  {why}".rstrip())


def _is_dead(one: Notice) -> bool:
    return one.state == "dead"


def _is_broken(one: Notice) -> bool:
    """Whether the circuit breaker holds it."""
    from atsbridge.model import Hold

    return one.hold is Hold.BREAKER


def _find_held(app: Services, rule: str, account: str | None) -> list[Notice]:
    held = [one for one in _all(app, account) if _is_broken(one)]
    found = [one for one in held if one.rule == rule]
    if not found:
        rules = ", ".join(sorted({one.rule for one in held})) or "nothing"
        raise ConfigError(
            f"the breaker holds no message of {rule!r}", remedy=f"It holds messages of: {rules}"
        )
    return found


def _find_dead(app: Services, rule: str, account: str | None) -> list[Notice]:
    """Failed messages, of one rule if one is named. ConfigError if that rule has none."""
    dead = [one for one in _all(app, account) if _is_dead(one)]
    found = [one for one in dead if rule in ("", one.rule)]
    if rule and not found:
        rules = ", ".join(sorted({one.rule for one in dead if one.rule})) or "no rule"
        raise ConfigError(f"no message of {rule!r} has failed", remedy=f"Failed messages: {rules}")
    return found


def _find_one(app: Services, key: str) -> Notice:
    found = [one for one in _all(app, None) if one.key.startswith(key)]
    if len(found) != 1:
        what = "there is no notice" if not found else f"{len(found)} notices begin with"
        raise ConfigError(f"{what} {key}", remedy="See `atsbridge notices list --all`")
    return found[0]


def _all(app: Services, account: str | None) -> list[Notice]:
    if account:
        app.account(account)
    names = [account] if account else sorted(app.settings.accounts)
    return [one for name in names for one in app.store.outbox.read_notices(name)]


def _to(one: Notice) -> str:
    return f"{one.destination.sink}: {one.destination.address}"


def _unsent(one: Notice) -> bool:
    return one.state not in ("sent", "dropped")


def _convert(one: Notice) -> NoticeDocument:
    """A notice as JSON; instants as ISO 8601 in UTC."""
    from atsbridge.presentation import describe_notice_reason, describe_recipient

    return {
        "key": one.key,
        "account": one.account,
        "rule": one.rule,
        "case": one.case or None,
        "subject": str(one.subject),
        "purpose": one.purpose,
        "sink": one.destination.sink,
        "to": one.destination.address,
        "why": describe_recipient(one.destination),
        "state": one.state,
        "hold": one.hold,
        "reason": describe_notice_reason(one),
        "attempts": one.attempts,
        "not_before": to_iso(one.not_before),
        "created_at": to_iso(one.created_at),
        "sent_at": to_iso(one.sent_at),
    }
