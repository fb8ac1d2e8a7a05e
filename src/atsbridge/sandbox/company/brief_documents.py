"""Files of the fake company beside its ATS: intake briefs and a market table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta

from atsbridge.model import SECTIONS, Requisition
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.company.requisition_events import PAY

_SAYS = {
    "responsibilities": "What {title} answers for after half a year.",
    "team_culture": "Quiet mornings, one office day, disagreement in the open.",
    "soft_skills": "Asks before assuming; says early what will be late.",
    "personality_fit": "Curious, and patient with people who are not.",
    "must_haves": "Has done the work before and can show it.",
    "priorities": "Judgment before speed, speed before polish.",
    "market_expectations": "Ten to twelve weeks; two other offers are usual.",
}
_GAPS = ("personality_fit", "market_expectations")
# Factors on the usual pay of a currency: wide enough for every level, too high for an entry job.
_FROM, _TO = 0.9, 2.2


def briefs(company: Company, account: str, *, confidential: bool = True) -> dict[str, str]:
    """File name -> brief, for each open requisition except the newest.

    The second newest has gaps. The one with the next first interview is not agreed by its manager.
    `confidential`: whether the account shows confidential requisitions.
    """
    found = [
        row
        for row in company.records("requisition").values()
        if _open(row) and (confidential or not getattr(row, "confidential", False))
    ]
    opened = sorted(found, key=lambda row: (str(getattr(row, "opened_at", "")), row.id))
    unagreed = _next_to_meet(company)
    gaps = {row.id for row in opened[-2:-1]}
    return {
        f"{account}-{getattr(row, 'code', row.id)}.yaml".lower(): "\n".join(
            _brief(company, account, row.id, gaps=row.id in gaps, agreed=row.id != unagreed)
        )
        for row in opened[:-1]
    }


def busiest_pair(company: Company) -> tuple[str, str]:
    """E-mail addresses of the recruiter and the manager with the most open requisitions."""
    pairs = Counter(
        (search.recruiter, search.manager)
        for row in company.records("requisition").values()
        if _open(row)
        for search in [company.world.searches[row.id]]
        if search.recruiter != search.manager
    )
    ((recruiter, manager), _), *_ = pairs.most_common(1)
    return company.person(recruiter).email, company.person(manager).email


def market(companies: Mapping[str, Company]) -> str:
    """Market pay as CSV: one row per country with an office."""
    offices = (place for company in companies.values() for place in company.world.places)
    paid = sorted({(place.country, place.currency) for place in offices})
    rows = (f"*,{land},{one},{PAY[one] * _FROM:.0f},{PAY[one] * _TO:.0f}" for land, one in paid)
    lines = [f"{row},year,an invented survey,2026-01-31" for row in rows]
    return "\n".join(["title,country,currency,p25,p75,period,source,as_of", *lines]) + "\n"


def _open(row: object) -> bool:
    return isinstance(row, Requisition) and row.status == "open"


def _next_to_meet(company: Company) -> str | None:
    """The open requisition whose first interview comes next; None if there is none."""
    applications = company.records("application")
    firsts: dict[str, str] = {}
    for one in company.records("interview").values():
        status, starts = getattr(one, "status", ""), getattr(one, "starts_at", None)
        if starts is None or status in ("cancelled", "skipped"):
            continue
        search = getattr(applications[getattr(one, "application", "")], "requisition", "")
        firsts[search] = min(firsts.get(search, "~"), starts.isoformat())
    now = company.now.isoformat()
    ahead = sorted((at, search) for search, at in firsts.items() if at > now)
    return ahead[0][1] if ahead else None


def _brief(
    company: Company, account: str, requisition: str, *, gaps: bool, agreed: bool
) -> Iterator[str]:
    row, search = company.records("requisition")[requisition], company.world.searches[requisition]
    title, opened = getattr(row, "title", ""), getattr(row, "opened_at", company.now)
    yield f"requisition: {getattr(row, 'code', requisition)}"
    yield f"account: {account}"
    yield "sections:"
    for name in SECTIONS:
        if not (gaps and name in _GAPS):
            yield f"  {name}: {_SAYS[name].format(title=title)}"
    on = min(opened + timedelta(days=2), company.now).date()
    yield "agreed:"
    yield f"  {company.person(search.recruiter).email}: {on}"
    if agreed:
        yield f"  {company.person(search.manager).email}: {on}"
    yield ""
