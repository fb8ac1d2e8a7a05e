"""`atsbridge notices`: the outbox, and what a person may do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atsbridge.cli.output import emit_json, table
from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from atsbridge.context import Services
    from atsbridge.model import Notice

_DRY = click.option("--dry-run", is_flag=True, help="Only say which.")


@click.group(invoke_without_command=True)
@click.pass_context
def notices(context: click.Context) -> None:
    """What waits, is held or was given up, and why."""
    if context.invoked_subcommand is None:
        context.invoke(list_notices, account=None, every=False, as_json=False)


@notices.command("list")
@click.option("--account", help="Only this account.")
@click.option("--all", "every", is_flag=True, help="Sent and dropped ones too.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def list_notices(config: Path, account: str | None, every: bool, as_json: bool) -> None:
    """What has not gone out, oldest first."""
    from atsbridge.app import open_services

    with open_services(config) as app:
        found = [one for one in _all(app, account) if every or _unsent(one)]
    if as_json:
        emit_json([_plain(one) for one in found])
        return
    table(
        ("notice", "rule", "case", "to", "state", "why"),
        [
            (
                one.key,
                one.rule or one.purpose,
                str(one.case or "-"),
                _to(one),
                str(one.state),
                one.reason,
            )
            for one in found
        ],
        empty="Nothing waits.",
    )


@notices.command()
@click.argument("key")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def show(config: Path, key: str, as_json: bool) -> None:
    """One notice. KEY may be its first digits. Its words are not kept."""
    from atsbridge.app import open_services

    with open_services(config) as app:
        plain = _plain(_one(app, key))
    if as_json:
        emit_json(plain)
        return
    for name, value in plain.items():
        if value not in ("", None):
            click.echo(f"{name}: {value}")


@notices.command()
@click.argument("key", default="")
@click.option("--rule", default="", help="All of this rule that were given up.")
@click.option("--dead", is_flag=True, help="All that were given up.")
@click.option("--account", help="Only this account, with --rule or --dead.")
@_DRY
@click.pass_obj
def replay(
    config: Path, key: str, rule: str, dead: bool, account: str | None, dry_run: bool
) -> None:
    """Try what was given up again, at the next tick: one by its KEY, or many.

    What is no longer so by then is dropped, and nobody is told of it.
    """
    from atsbridge.app import open_services
    from atsbridge.model import NoticeState

    if sum(map(bool, (key, rule, dead))) != 1:
        raise ConfigError("what is to be tried again?", remedy="Write a KEY, --rule R or --dead")

    def again(one: Notice) -> Notice:
        return replace(one, state=NoticeState.QUEUED, reason="", attempts=1, not_before=None)

    with open_services(config) as app:
        found = [_one(app, key)] if key else _dead(app, rule, account)
        if found and found[0].state is not NoticeState.DEAD:
            one = found[0]
            raise ConfigError(f"notice {one.key} is {one.state}, not dead: nothing to replay")
        _change(app, found, _is_dead, again, "tried again at the next tick", dry_run=dry_run)
    if not found:
        click.echo("Nothing was given up.")


@notices.command()
@click.argument("rule")
@click.option("--account", help="Only this account.")
@_DRY
@click.pass_obj
def release(config: Path, rule: str, account: str | None, dry_run: bool) -> None:
    """Let what the breaker holds of RULE go out, by quiet hours and cap as ever."""
    from atsbridge.app import open_services
    from atsbridge.model import NoticeState

    def go(one: Notice) -> Notice:
        return replace(one, state=NoticeState.QUEUED, reason="", not_before=None)

    with open_services(config) as app:
        found = _broken(app, rule, account)
        _change(app, found, _is_broken, go, "released", dry_run=dry_run)


@notices.command()
@click.argument("rule")
@click.option("--account", help="Only this account.")
@_DRY
@click.pass_obj
def drop(config: Path, rule: str, account: str | None, dry_run: bool) -> None:
    """Drop what the breaker holds of RULE. The cases stay; later steps are told."""
    from atsbridge.app import open_services
    from atsbridge.model import NoticeState

    def gone(one: Notice) -> Notice:
        return replace(one, state=NoticeState.DROPPED, reason="ops")

    with open_services(config) as app:
        found = _broken(app, rule, account)
        _change(app, found, _is_broken, gone, "dropped", dry_run=dry_run)


def _change(
    app: Services,
    found: Iterable[Notice],
    still: Callable[[Notice], bool],
    how: Callable[[Notice], Notice],
    word: str,
    *,
    dry_run: bool,
) -> None:
    """Settle them; of a dry run say which they are, and leave them.

    They are read again under the account's lock: one that a run has moved on meanwhile, so that
    it is not `still` what was asked for, stays as that run left it.
    """
    by_account: dict[str, list[Notice]] = {}
    for one in found:
        by_account.setdefault(one.account, []).append(one)
    for account, of in by_account.items():
        if not dry_run:
            with app.store.lock(account):
                keys = {one.key for one in of}
                of = [
                    n for n in app.store.outbox.read_notices(account) if n.key in keys and still(n)
                ]
                app.store.outbox.settle(*(how(one) for one in of))
        click.echo(f"{account}: {len(of)} {'would be ' if dry_run else ''}{word}")
        for one in of if dry_run else ():
            click.echo(f"  {one.key}  {one.rule or one.purpose}  {_to(one)}  {one.reason}".rstrip())


def _is_dead(one: Notice) -> bool:
    return one.state == "dead"


def _is_broken(one: Notice) -> bool:
    """Whether the circuit breaker holds it."""
    from atsbridge.model import Held

    return one.state == "held" and one.reason == Held.BREAKER


def _broken(app: Services, rule: str, account: str | None) -> list[Notice]:
    held = [one for one in _all(app, account) if _is_broken(one)]
    found = [one for one in held if one.rule == rule]
    if not found:
        rules = ", ".join(sorted({one.rule for one in held})) or "nothing"
        raise ConfigError(f"the breaker holds nothing of {rule!r}", remedy=f"It holds: {rules}")
    return found


def _dead(app: Services, rule: str, account: str | None) -> list[Notice]:
    """What was given up; of one rule, where one is named. ConfigError for a rule without any."""
    dead = [one for one in _all(app, account) if _is_dead(one)]
    found = [one for one in dead if rule in ("", one.rule)]
    if rule and not found:
        rules = ", ".join(sorted({one.rule for one in dead if one.rule})) or "no rule"
        raise ConfigError(f"nothing of {rule!r} was given up", remedy=f"Something was of: {rules}")
    return found


def _one(app: Services, key: str) -> Notice:
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


def _plain(one: Notice) -> dict[str, Any]:
    """Plain values; instants as ISO 8601 in UTC."""
    return {
        "notice": one.key,
        "account": one.account,
        "rule": one.rule,
        "case": one.case or None,
        "subject": str(one.subject),
        "purpose": one.purpose,
        "sink": one.destination.sink,
        "to": one.destination.address,
        "why": one.destination.why,
        "state": one.state,
        "reason": one.reason,
        "attempts": one.attempts,
        "not_before": one.not_before.isoformat() if one.not_before else None,
        "created_at": one.created_at.isoformat() if one.created_at else None,
        "sent_at": one.sent_at.isoformat() if one.sent_at else None,
    }
