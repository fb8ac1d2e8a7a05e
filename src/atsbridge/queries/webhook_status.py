"""Whether the webhooks of an account arrive, from the store and the settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from atsbridge.context import AccountContext, Services
from atsbridge.errors import ConfigError
from atsbridge.ports import HintState, WebhookSpec

# Webhooks stopped if runs found this many new applications since the last delivery, and it is not
# just late: a vendor tries again for hours.
QUIET_MISSED = 3
QUIET_AFTER = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class WebhookStatus:
    """The webhooks of one account. `url`: what to configure, "" where `public_url` is not set."""

    account: str
    title: str
    spec: WebhookSpec
    url: str
    has_secret: bool
    state: HintState
    is_quiet: bool


def read_webhooks(services: Services, account: str) -> WebhookStatus:
    """The status. ConfigError where the account's connector knows no webhooks.

    No secret is read: whether one is configured is seen from the settings.
    """
    context = AccountContext(services, account)
    spec = context.spec.webhooks
    if spec is None:
        raise ConfigError(
            f"{context.spec.title} sends no webhooks that this connector understands",
            where=account,
            remedy="Nothing is missing: runs read every change",
        )
    options = context.section.options
    ways = (spec.secret, f"{spec.secret}_file", f"{spec.secret}_command")
    base = services.settings.serve.public_url
    state = services.store.hints.read_state(account)
    return WebhookStatus(
        account=account,
        title=context.spec.title,
        spec=spec,
        url=f"{base}/webhooks/{account}" if base else "",
        has_secret=any(options.get(way) for way in ways),
        state=state,
        is_quiet=is_quiet(state, services.time.now()),
    )


def is_quiet(state: HintState, now: datetime) -> bool:
    """Whether webhooks came before and do not come any more."""
    if state.received_at is None or state.missed < QUIET_MISSED:
        return False
    return now - state.received_at >= QUIET_AFTER
