"""A brief is free text: what may name pay is recognized before it is shown."""

from __future__ import annotations

import pytest

from atsbridge.presentation.pay_mentions import mentions_pay


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("market_expectations", "ten weeks"),
        ("budget_notes", "tight"),
        ("priorities", "up to 80k if needed"),
        ("priorities", ["speed", "€ 70.000 at most"]),
        ("assumptions", "EUR 70,000"),
        ("assumptions", "70 000 CHF"),
        ("assumptions", "The salary is about 5500 a month"),
        ("assumptions", "12 LPA, salary open"),
        ("open_questions", "is the bonus 10%?"),
    ],
)
def test_pay_is_recognized(section: str, value: object) -> None:
    """By its section, or by a figure beside a currency or a word for pay."""
    assert mentions_pay(section, value)


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("must_haves", ["Five years with data", "SQL", "3 references"]),
        ("responsibilities", "Owns 40 pipelines and pays attention to detail"),
        ("team_culture", "We are 12 people in 3 offices, since 2019"),
        ("priorities", ""),
        ("priorities", None),
    ],
)
def test_other_figures_are_no_pay(section: str, value: object) -> None:
    """Years, people and places."""
    assert not mentions_pay(section, value)
