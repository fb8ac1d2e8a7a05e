"""Read what the ATS and the market tables know about a requisition, for a new brief."""

from __future__ import annotations

from datetime import date, timedelta

from atsbridge.context import AccountContext, Services, read_requisition
from atsbridge.intake import BriefFacts
from atsbridge.model import All, Brief, Key, Query, Requisition
from atsbridge.queries.requisition_overview import market_columns, read_role
from atsbridge.rules import MarketRow

_FIGURES = ("p50", "days_to_fill")
_OLD = timedelta(days=365)  # pay changes by a few percent a year


def read_brief_facts(services: Services, key: Key) -> BriefFacts:
    """Read the facts of a stored requisition. People are written by name."""
    context = AccountContext(services, key.account)
    found = read_requisition(services.store, key)
    brief = services.store.history.read_record(Key(key.account, "brief", key.id))
    users = context.users
    several = len(services.settings.accounts) > 1

    def name(user: str | None) -> str:
        known = users.get(user or "")
        return (known.name or known.email or "") if known else ""

    return BriefFacts(
        requisition=found.code or found.id,
        title=found.title or found.id,
        account=key.account if several else "",
        recruiter=name(found.recruiter),
        hiring_manager=name(found.hiring_manager),
        opened_on=found.opened_at.date() if found.opened_at else None,
        pay=_format_pay(found),
        market=read_market_text(services, key),
        sections=dict(brief.sections or {}) if isinstance(brief, Brief) else {},
    )


def read_market_text(services: Services, key: Key) -> str:
    """What the market tables say of a requisition: pay, days to fill, source, date and age.

    The best row for each figure; a sentence if no row fits, "" where there is no table.
    """
    data, select = services.market.data, services.store.subjects.select
    query = Query("requisition", All(), market_columns())
    found = next(select(key.account, query, ids=[key.id], filtered=False), None)
    if not data.rows or found is None:
        return ""
    role = read_role(found.facts)
    rows = [row for figure in _FIGURES if (row := data.best(role, figure)) is not None]
    if not rows:
        return "no row of the market tables fits this role"
    today = services.time.now().date()
    return "; ".join(dict.fromkeys(_describe_row(row, today) for row in rows))


def _format_pay(found: Requisition) -> str:
    """ "60,000 to 70,000 EUR a year"; "" where the ATS has no range."""
    amounts = [f"{one:,.0f}" for one in (found.pay_min, found.pay_max) if one is not None]
    if not amounts:
        return ""
    text = " to ".join(dict.fromkeys(amounts))
    text += f" {found.pay_currency}" if found.pay_currency else ""
    return text + (f" a {found.pay_period}" if found.pay_period else "")


def _describe_row(row: MarketRow, today: date) -> str:
    parts = []
    pay = [f"{one:,.0f}" for one in (row.p25, row.p75) if one is not None]
    if pay:
        parts.append(f"{' to '.join(pay)} {row.currency} a {row.period}")
    if row.days_to_fill is not None:
        parts.append(f"{row.days_to_fill:.0f} days to fill")
    old = ": more than a year old" if today - row.as_of > _OLD else ""
    return f"{', '.join(parts) or 'no figures'} ({row.source}, {row.as_of}{old})"
