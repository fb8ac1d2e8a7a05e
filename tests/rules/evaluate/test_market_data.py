"""Kind `market`: which row speaks, what lies outside it, and when nothing can be said."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from atsbridge.model.verdict import State
from atsbridge.rules.evaluate.market_data import Market, MarketRow, row
from atsbridge.rules.language.pack_errors import RuleErrors

HEAD = """\
version: 1
rules:
  - id: one
    kind: market
    status: live
    title: One rule
    message: "See {check.found}."
    steps: [{at: due, to: requisition.recruiter}]
"""
PAY = """\
    each: requisition
    value: [requisition.pay_min, requisition.pay_max]
    currency: requisition.pay_currency
    tolerance: 10%
    match: {level: requisition.custom.level}
"""
OFFER = """\
    each: offer
    value: offer.pay.base_salary.amount
    currency: offer.pay.base_salary.currency
"""
OPEN = """\
    each: requisition
    since: requisition.opened_at
    tolerance: 50%
"""
TITLE, OFFICE = "requisition.title", "requisition.office.name"


def made(title: str, **more: Any) -> MarketRow:
    """A row of a survey of January."""
    pay = {"currency": "EUR", "period": "year", "p25": 60_000.0, "p75": 80_000.0}
    return MarketRow(
        **{**pay, "title": title, "source": "a survey", "as_of": date(2026, 1, 31), **more}
    )


def test_a_bracket_in_a_row_is_a_letter() -> None:
    """As in the names of departments; only `*` and `?` stand for others."""
    row = made("Engineer [Data] *", department="R&D [EMEA]")
    role = {"title": "Engineer [Data] II", "department": "R&D [EMEA]"}
    assert Market((row,)).best(role, "p25") is row
    assert Market((row,)).best({**role, "department": "R&D E"}, "p25") is None


@pytest.fixture
def rule(rules: Any) -> Any:
    """The one rule of these keys."""
    return lambda keys: rules(HEAD + keys)["one"]


def pay(least: float | None, most: float | None, currency: str = "EUR") -> dict[str, Any]:
    """The facts of a search for a data engineer with this range."""
    return {
        TITLE: "Data Engineer",
        "requisition.pay_min": least,
        "requisition.pay_max": most,
        "requisition.pay_currency": currency,
    }


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        (pay(45e3, 53e3), State.BREACHED, "below the market's 25th percentile"),
        (pay(45e3, 54e3), State.KEPT, "within the market"),  # 10% below 60,000
        (pay(88e3, 99e3), State.KEPT, "within the market"),
        (pay(89e3, 99e3), State.BREACHED, "above the market's 75th percentile"),
        (pay(None, 53e3), State.BREACHED, "below the market's 25th percentile"),
        (pay(None, None), State.KEPT, "nothing to compare"),
        (pay(45e3, 53e3, "USD"), State.UNKNOWN, "the market row (a survey) is in another currency"),
        ({**pay(1, 2), TITLE: "Cook"}, State.UNKNOWN, "no market row for Cook"),
    ],
)
def test_pay_is_held_against_the_market(
    rule: Any, verdict: Any, facts: dict[str, Any], state: State, reason: str
) -> None:
    """Outside by more than the tolerance is found; what cannot be compared is unknown."""
    said = verdict(rule(PAY), facts, "2026-03-04T10:00", market=Market((made("data *"),)))
    assert said.state is state
    assert said.reason["text"].startswith(reason)
    assert not any(digits in said.finding for digits in ("53", "60", "80", "89"))


def test_another_period_is_unknown(rule: Any, verdict: Any) -> None:
    """Pay of a month is no pay of a year."""
    market = Market((made("*", period="month"),))
    said = verdict(rule(PAY), pay(1, 2), "2026-03-04T10:00", market=market)
    assert (said.state, said.reason["text"]) == (
        State.UNKNOWN,
        "the market row (a survey) is per month",
    )


@pytest.mark.parametrize(
    ("period", "state", "reason"),
    [
        ("year", State.BREACHED, "below the market's 25th percentile"),
        (None, State.BREACHED, "below the market's 25th percentile"),
        ("month", State.UNKNOWN, "the market row (a survey) is per year"),
        ("hour", State.UNKNOWN, "the market row (a survey) is per year"),
        ("other:bi-week-salary", State.UNKNOWN, "the market row (a survey) is per year"),
    ],
)
def test_the_period_that_stands_beside_the_pay_counts(
    rule: Any, verdict: Any, period: str | None, state: State, reason: str
) -> None:
    """The rule's own is for an ATS that says none; another one is compared with nothing."""
    facts = {**pay(45e3, 53e3), "requisition.pay_period": period}
    said = verdict(rule(PAY), facts, "2026-03-04T10:00", market=Market((made("*"),)))
    assert said.state is state
    assert said.reason["text"].startswith(reason)
    salary = {"amount": 90000, "currency": "eur", "period": period}
    offer = {TITLE: "Cook", "offer.pay": {"base_salary": salary}}
    said = verdict(rule(OFFER), offer, "2026-03-04T10:00", market=Market((made("*"),)))
    assert said.state is state


@pytest.mark.parametrize("amounts", [(25, 30), (4_000, 6_000), (10**7, 2 * 10**7)])
def test_pay_that_is_many_times_off_is_not_compared_unless_its_period_is_known(
    rule: Any, verdict: Any, amounts: tuple[float, float]
) -> None:
    """An hour's or a month's pay, or cents, where the ATS does not say what time it is for."""
    market = Market((made("*"),))
    said = verdict(rule(PAY), pay(*amounts), "2026-03-04T10:00", market=market)
    assert (said.state, "4 times off" in said.reason["text"]) == (State.UNKNOWN, True)
    sure = {**pay(*amounts), "requisition.pay_period": "year"}
    assert verdict(rule(PAY), sure, "2026-03-04T10:00", market=market).state is State.BREACHED


@pytest.mark.parametrize("amount", ["90k", "90.000", "90,000.00", "1e5", True, [90000]])
def test_an_amount_that_may_mean_two_things_is_compared_with_nothing(
    rule: Any, verdict: Any, amount: Any
) -> None:
    """Nobody guesses what a customer typed."""
    facts = {TITLE: "Cook", "offer.pay": {"base_salary": {"amount": amount, "currency": "EUR"}}}
    said = verdict(rule(OFFER), facts, "2026-03-04T10:00", market=Market((made("*"),)))
    assert said.state is State.UNKNOWN
    assert said.reason["text"] == "the amount in the ATS is not a plain number"


def test_an_offer_s_pay_may_be_inside_a_block(rule: Any, verdict: Any) -> None:
    """Amounts stand where the ATS has them, as numbers or as text."""
    facts = {
        TITLE: "Data Engineer",
        "offer.pay": {"base_salary": {"amount": "90000.0", "currency": "EUR"}},
    }
    said = verdict(rule(OFFER), facts, "2026-03-04T10:00", market=Market((made("*"),)))
    assert said.finding == "above the market's 75th percentile (a survey, 2026-01-31)"


def test_time_open_is_looked_at_when_it_is_over(rule: Any, verdict: Any, at: Any) -> None:
    """Days are those of the calendar; the figures are for everybody to read."""
    market = Market((made("*", days_to_fill=40.0),))
    facts = {TITLE: "Cook", "requisition.opened_at": at("2026-01-01T00:00")}
    one = rule(OPEN)
    before = verdict(one, facts, "2026-03-01T00:00", market=market)
    assert (before.state, before.look_at) == (State.KEPT, at("2026-03-02T00:00"))
    said = verdict(one, facts, "2026-03-02T00:00", market=market)
    assert said.finding == "open since 2026-01-01; the market takes 40 days (a survey, 2026-01-31)"


def test_the_closest_row_speaks(rule: Any, verdict: Any) -> None:
    """Level, place and country narrow a row; an office's country may come from the settings."""
    rows = (
        made("*"),
        made("data*", p25=1.0, p75=2.0),
        made("data engineer", country="PT", p25=10.0, p75=20.0),
        made("data engineer", country="PT", level="Senior", p25=100.0, p75=200.0),
        made(
            "data engineer", country="PT", level="Senior", p25=1e3, p75=2e3, as_of=date(2025, 1, 1)
        ),
        made(
            "data engineer", days_to_fill=3.0, p25=None, p75=None, location="Lisbon", level="Senior"
        ),
    )
    market = Market(rows, {"Lisbon": "PT"})
    role = {"title": "Data Engineer"}
    assert market.best(role, "p25") is rows[1]
    assert market.best({**role, "location": "Lisbon"}, "p25") is rows[2]
    lisbon = {**role, "location": "Lisbon", "level": "senior"}
    assert market.best(lisbon, "p25") is rows[3]
    assert market.best(lisbon, "days_to_fill") is rows[5]
    assert market.best({**role, "country": "DE", "location": "Lisbon"}, "p25") is rows[1]
    facts = {**pay(210, 220), OFFICE: "Lisbon", "requisition.custom": {"level": "Senior"}}
    assert verdict(rule(PAY), facts, "2026-03-04T10:00", market=market).state is State.KEPT


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        ({}, ["title is empty", "source is empty", "this row says nothing", '"" is no day']),
        ({"title": "x", "source": "s", "as_of": "2026-01-31", "days_to_fill": "-3"},
         ['"-3" is no number above 0']),
        ({"title": "x", "source": "s", "as_of": "2026", "p25": "9", "p50": "3"},
         ["the percentiles do not rise",
          '"" is no period', '"" is no currency', '"2026" is no day']),
    ],
)  # fmt: skip
def test_a_row_says_all_that_is_wrong_with_it(cells: dict[str, str], wrong: list[str]) -> None:
    """In one pass, by column."""
    made_of, told = row(cells)
    assert made_of is None
    assert [what[: len(start)] for (_, what), start in zip(told, wrong, strict=True)] == wrong


def test_a_rule_compares_pay_or_days(rule: Any) -> None:
    """One of them, and pay only in a currency."""
    with pytest.raises(RuleErrors, match="market rule has either a value"):
        rule(OPEN + "    value: requisition.pay_max\n    currency: requisition.pay_currency\n")
    with pytest.raises(RuleErrors, match="currency is missing"):
        rule(PAY.replace("    currency: requisition.pay_currency\n", ""))


GOOD_ROW = {
    "title": " Data Engineer ",
    "level": "Senior",
    "country": "PT",
    "currency": "EUR",
    "period": "year",
    "p25": "45000",
    "p75": "60000",
    "days_to_fill": "40",
    "source": "a survey",
    "as_of": "2026-01-31",
}


def test_a_row_is_read_cell_by_cell() -> None:
    """Text without the white space around it, figures as numbers, a day as a date."""
    made_of, told = row(GOOD_ROW)
    assert told == []
    assert made_of is not None
    assert (made_of.title, made_of.level, made_of.department) == ("Data Engineer", "Senior", "")
    assert (made_of.p25, made_of.p50, made_of.p75) == (45_000.0, None, 60_000.0)
    assert (made_of.days_to_fill, made_of.as_of) == (40.0, date(2026, 1, 31))
    assert (made_of.currency, made_of.period, made_of.source) == ("EUR", "year", "a survey")


@pytest.mark.parametrize(
    ("column", "cell", "what"),
    [
        ("p25", "2000000000000", '"2000000000000" is above'),
        ("p25", "1.234", '"1.234" is no number'),
        ("p75", "9", "the percentiles do not rise"),
        ("days_to_fill", "0", '"0" is no number above 0'),
        ("days_to_fill", "99999999999", '"99999999999" is above'),
        ("period", "fortnight", '"fortnight" is no period'),
        ("currency", "euro", '"euro" is no currency'),
        ("as_of", "2026-02-30", '"2026-02-30" is no day'),
        ("title", " ", "title is empty"),
        ("source", "", "source is empty"),
    ],
)
def test_what_is_wrong_with_a_cell_is_said_at_its_column(column: str, cell: str, what: str) -> None:
    """So that the line and column of the file can be named."""
    made_of, told = row({**GOOD_ROW, column: cell})
    assert made_of is None
    at = "p25" if what.startswith("the percentiles") else column
    assert [(where, text[: len(what)]) for where, text in told] == [(at, what)]


def test_a_role_without_a_value_meets_no_selector(rule: Any) -> None:
    """What is not known of a role is not what the row is about."""
    assert not made("*", level="senior").fits({"title": "Cook"})
    assert made("*", level="*").fits({"title": "Cook", "level": "any"})
    assert Market((made("*", country="PT"),), {"": "PT"}).best({"title": "Cook"}, "p25") is not None
    assert Market((made("*", country="PT"),), {"Porto": "PT"}).best({"title": "x"}, "p25") is None
