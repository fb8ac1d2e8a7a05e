"""Packs are offered with what an ATS can answer, and chosen by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from atsbridge.app.first_settings.pack_offers import (
    PackOffer,
    adapt_spec,
    choose_packs,
    find_pack_offers,
)
from atsbridge.errors import ConfigError
from atsbridge.plugins import Plugins, discover
from atsbridge.rules import builtin_packs

OFFERS = [
    PackOffer("builtin:responsiveness", "Quick answers.", 13, 15),
    PackOffer("builtin:market", "Pay.", 0, 4),
    PackOffer("builtin:weekly", "Lists.", 2, 2),
    PackOffer("acme:own", "", 0, 1),
]


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("recommended", ("builtin:responsiveness",)),
        ("ALL", tuple(offer.name for offer in OFFERS)),
        ("none", ()),
        (" weekly, acme:own ,weekly,", ("builtin:weekly", "acme:own")),
        ("", ()),
    ],
)
def test_an_answer_names_packs(text: str, chosen: tuple[str, ...]) -> None:
    """Groups by one word, packs with or without "builtin:", each once, in the order named."""
    assert choose_packs(OFFERS, text) == chosen


def test_a_name_that_is_no_pack() -> None:
    """The nearest one is suggested; "none" beside another name is no name of a pack."""
    with pytest.raises(ConfigError, match='Did you mean "market"'):
        choose_packs(OFFERS, "weekly, markt")
    with pytest.raises(ConfigError, match='there is no pack "none"'):
        choose_packs(OFFERS, "weekly, none")


def test_every_pack_says_what_it_is_for() -> None:
    """In one line that a terminal of 100 columns can show beside the counts."""
    plugins = discover()
    offers = find_pack_offers(plugins, plugins.connectors()["greenhouse"])
    assert {offer.name for offer in offers} == builtin_packs().keys()
    assert all(0 < len(offer.description) < 80 for offer in offers), offers
    assert all(offer.rules for offer in offers)


def test_a_pack_that_the_ats_cannot_answer_is_not_recommended() -> None:
    """It is offered all the same: a mapped field may answer it later."""
    plugins = discover()
    spec = plugins.connectors()["greenhouse"]
    full = {one.name: one for one in find_pack_offers(plugins, spec)}
    bare = {
        one.name: one for one in find_pack_offers(plugins, replace(spec, streams=(), signals={}))
    }
    assert full["builtin:alignment"].recommended
    assert not bare["builtin:alignment"].recommended
    assert bare.keys() == full.keys()
    assert not full["builtin:load"].recommended  # rules on people are a choice, never a default


def test_a_connector_whose_lists_depend_on_its_tables() -> None:
    """Counts are those of the tables that the settings name, also with a secret in a file."""
    plugins = discover()
    spec = plugins.connectors()["files"]
    values = {"base_url": "https://files.example", "token_file": "t", "dates_timezone": "UTC"}
    plain = sum(one.answered for one in find_pack_offers(plugins, adapt_spec(spec, {}, {})))
    columns = {"title": "Title", "status": "Status", "opened_at": "Opened"}
    jobs = {"files": "jobs.csv", "requisition": {"key": "Id", "columns": columns}}
    people = {"files": "people.csv", "user": {"key": "Id", "columns": {"email": "Mail"}}}
    sections = {"tables": {"jobs": jobs, "people": people}}
    adapted = adapt_spec(spec, values, sections)
    assert len(adapted.streams) > 0
    assert sum(one.answered for one in find_pack_offers(plugins, adapted)) > plain


def test_a_pack_that_is_no_yaml_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`rules check` says what is wrong with it; the others are offered."""
    plugins = discover()
    broken = tmp_path / "broken.yaml"
    broken.write_text("rules: [", "utf-8")
    packs = {**plugins.rule_packs(), "acme:broken": broken}
    monkeypatch.setattr(Plugins, "rule_packs", lambda _: packs)
    offers = find_pack_offers(plugins, plugins.connectors()["lever"])
    assert {one.name for one in offers} == builtin_packs().keys()
