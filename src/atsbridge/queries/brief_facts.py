"""Read what the ATS and the market tables know about a requisition, for a new brief."""

from __future__ import annotations

from datetime import date, timedelta

from atsbridge.context import AccountContext, Services, read_requisition
from atsbridge.intake import BriefFacts
from atsbridge.model import All, Brief, Key, Query, Requisition
from atsbridge.queries.requisition_overview import market_columns, read_role
from atsbridge.rules import MarketRow

_PAY = ("p25", "p50", "p75")
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

    The best row with pay, and the best one with the time; a sentence if no row fits, "" where there
    is no table.
    """
    data, select = services.market.data, services.store.subjects.select
    query = Query("requisition", All(), market_columns())
    found = next(select(key.account, query, ids=[key.id], filtered=False), None)
    if not data.rows or found is None:
        return ""
    role = read_role(found.facts)
    paying = [row for figure in _PAY if (row := data.best(role, figure)) is not None]
    pay = max(paying, key=lambda row: row.rank, default=None)
    time = data.best(role, "days_to_fill")
    figures: dict[MarketRow, list[str]] = {}
    if pay is not None:
        figures.setdefault(pay, []).append(_format_market_pay(pay))
    if time is not None:
        figures.setdefault(time, []).append(f"{time.days_to_fill:.0f} days to fill")
    if not figures:
        return "no row of the market tables fits this role"
    today = services.time.now().date()
    return "; ".join(
        f"{', '.join(parts)} ({_describe_source(row, today)})" for row, parts in figures.items()
    )


def _format_pay(found: Requisition) -> str:
    """ "60,000 to 70,000 EUR a year"; "" where the ATS has no range."""
    amounts = [f"{one:,.0f}" for one in (found.pay_min, found.pay_max) if one is not None]
    if not amounts:
        return ""
    text = " to ".join(dict.fromkeys(amounts))
    text += f" {found.pay_currency}" if found.pay_currency else ""
    return text + (f" {_per(found.pay_period)}" if found.pay_period else "")


def _format_market_pay(row: MarketRow) -> str:
    """ "52,000 to 70,000, median 60,000 EUR a year"."""
    figures = (row.p25, row.p50, row.p75)
    low, middle, high = (f"{one:,.0f}" if one is not None else "" for one in figures)
    parts = [f"{low} to {high}"] if low and high else []
    parts += [f"25th percentile {low}"] if low and not high else []
    parts += [f"75th percentile {high}"] if high and not low else []
    parts += [f"median {middle}"] if middle else []
    return f"{', '.join(parts)} {row.currency} {_per(row.period)}"


def _per(period: str) -> str:
    return f"an {period}" if period == "hour" else f"a {period}"


def _describe_source(row: MarketRow, today: date) -> str:
    old = ": more than a year old" if today - row.as_of > _OLD else ""
    return f"{row.source}, {row.as_of}{old}"
