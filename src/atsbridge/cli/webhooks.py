"""`atsbridge webhooks ACCOUNT`: what to configure at the vendor, and whether webhooks arrive."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli import HELD
from atsbridge.cli.options import JSON
from atsbridge.cli.output import count, emit_json, one_line
from atsbridge.model import to_iso

if TYPE_CHECKING:
    from atsbridge.cli.documents import WebhookDocument
    from atsbridge.queries import WebhookStatus

_PLACE = "https://YOUR-HOST"


@click.command()
@click.argument("account")
@JSON
@click.pass_obj
def webhooks(config: Path, account: str, as_json: bool) -> None:
    """Show what to configure at the vendor for ACCOUNT, and whether its webhooks arrive.

    `atsbridge serve` receives them. Exit 3 if they stopped coming.
    """
    from atsbridge.app import open_services
    from atsbridge.queries import read_webhooks

    with open_services(config) as app:
        found = read_webhooks(app, account)
        now = app.time.now()
    if as_json:
        emit_json(_convert(found))
    else:
        for line in _lines(found, now):
            click.echo(one_line(line) if line else "")
    if found.is_quiet:
        sys.exit(HELD)


def _convert(one: WebhookStatus) -> WebhookDocument:
    state = one.state
    return {
        "account": one.account,
        "url": one.url or None,
        "events": list(one.spec.events),
        "secret_is_set": one.has_secret,
        "received": state.received,
        "received_at": to_iso(state.received_at),
        "repeated": state.repeated,
        "refused": state.refused,
        "refused_at": to_iso(state.refused_at),
        "refusal": state.refusal or None,
        "waiting": state.pending,
        "missed": state.missed,
        "quiet": one.is_quiet,
    }


def _lines(one: WebhookStatus, now: datetime) -> Iterator[str]:
    yield f"Configure these webhooks in {one.title}: {one.spec.setup}"
    yield f"  address  {one.url or f'{_PLACE}/webhooks/{one.account}'}"
    if not one.url:
        yield "           set public_url in [serve] to the address of your reverse proxy"
    yield f"  secret   the value of {one.spec.secret} in [accounts.{one.account}]"
    if not one.has_secret:
        yield f"           it is not set: write {one.spec.secret}_file or {one.spec.secret}_command"
    for number, event in enumerate(one.spec.events):
        yield f"  {'' if number else 'events':<8} {event}"
    yield ""
    yield from _state(one, now)


def _state(one: WebhookStatus, now: datetime) -> Iterator[str]:
    state = one.state
    if state.received_at is None:
        yield "None has arrived yet. Is `atsbridge serve` running, and can the vendor reach it?"
    else:
        again = f", {state.repeated:,} of them again" if state.repeated else ""
        number = f"{state.received:,} {'delivery' if state.received == 1 else 'deliveries'}"
        yield f"{number}{again}; the last {_ago(state.received_at, now)}."
    if state.pending:
        yield f"{count(state.pending, 'hint')} not read yet."
    if state.refused_at is not None:
        yield f"{state.refused:,} refused; the last {_ago(state.refused_at, now)}: {state.refusal}."
    if one.is_quiet:
        yield (
            f"They stopped: since the last one, runs found {count(state.missed, 'new application')}"
            f" by themselves. See whether {one.title} has switched them off."
        )


def _ago(at: datetime, now: datetime) -> str:
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{count(minutes, 'minute')} ago"
    hours = minutes // 60
    return f"{count(hours, 'hour')} ago" if hours < 48 else f"{count(hours // 24, 'day')} ago"
