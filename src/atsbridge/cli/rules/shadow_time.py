"""How long a rule was in shadow on each account, as a requirement of its promotion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from atsbridge.errors import ConfigError
from atsbridge.model import clean

if TYPE_CHECKING:
    from atsbridge.context import Services
    from atsbridge.rules import Rule

_DAY = timedelta(days=1)
MAX_REASON = 300  # characters: a line or two in a pack file


@dataclass(frozen=True, slots=True)
class ShadowTime:
    """How long the present version of a rule was evaluated on one account.

    `counted`: in the unit of `[rules] shadow_for`, on the rule's calendar. `since`: yyyy-mm-dd;
    "" where no run has evaluated this version.
    """

    account: str
    counted: timedelta
    needed: timedelta
    unit: str
    since: str

    @property
    def is_enough(self) -> bool:
        """Whether the rule may go live after it."""
        return bool(self.since) and self.counted >= self.needed

    @property
    def what(self) -> str:
        """ "shadow acme: 7.0 of 5 working days, since 2026-11-20"."""
        if not self.since:
            return f"shadow {self.account}: no run has evaluated this version of the rule yet"
        had, of = f"{self.counted / _DAY:.1f}", f"{self.needed / _DAY:g}"
        return f"shadow {self.account}: {had} of {of} {self.unit}, since {self.since}"


def read_reason(why: str | None, *, now: bool) -> str:
    """Why the rule does not wait, in one line; "" where it does. ConfigError for one without."""
    text = clean(why or "", MAX_REASON + 1)
    if now and not text:
        raise ConfigError(
            "--now needs the reason why the rule does not wait",
            remedy='Add it: --why "pilot of two weeks ended well"',
        )
    if text and not now:
        raise ConfigError("--why belongs to --now", remedy="Add --now, or leave --why out")
    if len(text) > MAX_REASON:
        raise ConfigError("the reason is too long", remedy=f"Write {MAX_REASON} characters at most")
    return text


def find_shadow_times(app: Services, rule: Rule) -> Iterator[ShadowTime]:
    """The time on each account, in order of name; an edit of the rule's texts does not end it."""
    from atsbridge.context import AccountContext, meaning
    from atsbridge.worktime import Duration, Unit, counted

    needed, now = Duration.parse(app.settings.rules.shadow_for), app.time.now()
    names = {Unit.BD: "working days", Unit.D: "days", Unit.H: "days", Unit.BH: "days of office"}
    for account in sorted(app.settings.accounts):
        context = AccountContext(app, account)
        seen, here = context.run_state.read_watch().get(rule.id), context.rules.get(rule.id)
        unit = names[needed.unit]
        if seen is None or here is None or seen.meaning != meaning(here):
            yield ShadowTime(account, timedelta(), needed.span, unit, "")
            continue
        calendar = context.calendars.of(None, rule.calendar)
        spent = counted(calendar, needed.unit, seen.since, now)
        yield ShadowTime(account, spent, needed.span, unit, f"{seen.since:%Y-%m-%d}")
