"""Brief files: what one says, and every mistake in it at its line and column."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from atsbridge.intake.brief_files import parse_brief

GOOD = """\
requisition: REQ-104
account: acme
sections:
  must_haves: [Five years of Go, 2 languages, 3]
  team_culture: Quiet mornings.
  team_rituals: Friday demo
  soft_skills:
agreed:
  Ravi@acme.example: 2026-03-05
  ines@acme.example: "2026-03-06T10:00[Europe/Lisbon]"
"""


def test_a_brief_is_read() -> None:
    """Sections as text or lists, one's own among them; days and instants of agreement."""
    said = parse_brief("briefs/104.yaml", GOOD)
    assert said.errors == ()
    assert (said.requisition, said.account) == ("REQ-104", "acme")
    assert said.sections == {
        "must_haves": ["Five years of Go", "2 languages", "3"],
        "team_culture": "Quiet mornings.",
        "team_rituals": "Friday demo",
        "soft_skills": "",
    }
    assert said.agreed == {
        "ravi@acme.example": date(2026, 3, 5),
        "ines@acme.example": datetime(2026, 3, 6, 10, 0, tzinfo=UTC),
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["1:1: this file is empty. Write: requisition: REQ-104"]),
        ("[a, b\n", [("1:1: this is not YAML: did not find expected ',' or ']'. Close the [ "
                   "that opens here, or put a text after it into quotes")]),
        ("- a", ['1:1: a brief is a block of keys, not ["a"]. Write: requisition: REQ-104']),
        ("sections: 3\nagreed: [x]\nrequisiton: R1\naccount: [acme]\n",
         ["1:11: sections needs keys under it, not 3. Write: sections: {must_haves: …}",
          ('2:9: agreed needs e-mail addresses under it, not ["x"]. '
          "Write: agreed: {ravi@acme.example: 2026-03-05}"),
          '3:1: unknown key "requisiton". Did you mean "requisition"? Write: requisition: …',
          '1:1: "requisition" is missing. Write: requisition: REQ-104',
          '4:10: account needs a name, not ["acme"]. Write: account: acme']),
        (("requisition: true\nsections:\n  must_have: x\n  Team Rituals: x\n  priorities: {a: b}\n"
         "agreed:\n  ravi: 2026-03-05\n  ines@acme.example: soon\n"),
         ["1:14: requisition needs a code or an id. Write: requisition: REQ-104",
          ('3:3: "must_have" is no section that is known. Did you mean "must_haves"? '
          "Write: must_haves: …"),
          '4:3: "Team Rituals" is no section that is known. Name your own like team_rituals',
          ('5:15: priorities needs text or a list of texts, not {"a": "b"}. '
          "Write: priorities: [one thing, another]"),
          '7:3: "ravi" is no e-mail address. Write: ravi@acme.example: 2026-03-05',
          ('8:22: "soon" is no day such as 2026-03-05 and no instant. '
          "Write: ines@acme.example: 2026-03-05")]),
        ("requisition: R1\nrequisition: R2\n",
         [('2:1: the key "requisition" stands here twice (first in line 1). '
          'Keep one "requisition"')]),
    ],
)  # fmt: skip
def test_every_mistake_is_told_where_it_stands(text: str, told: list[str]) -> None:
    """All in one pass, each with what to write instead."""
    said = parse_brief("b.yaml", text)
    assert sorted(str(error) for error in said.errors) == sorted(f"b.yaml:{one}" for one in told)


@pytest.mark.parametrize(
    ("text", "requisition"),
    [
        ("requisition: 'REQ-9' # ours\nsections: [\n", "REQ-9"),
        ("sections: {x: [}\n", "REQ-104"),
        ("requisition: REQ-9\nsections: 3\n", "REQ-9"),
    ],
)
def test_whose_a_broken_brief_is_can_still_be_told(text: str, requisition: str) -> None:
    """By the key where one can make it out, else by the file's name."""
    said = parse_brief("briefs/REQ-104.yaml", text)
    assert said.errors
    assert said.requisition == requisition


def test_a_plain_value_is_text_as_it_was_written() -> None:
    """A version, a share and a country keep their form."""
    text = "requisition: REQ-1\nsections:\n  must_haves: [3.10, 80.000, NO, true, 007]\n"
    one = parse_brief("b.yaml", text + "  team_culture: 1.50\n")
    assert one.errors == ()
    assert one.sections["must_haves"] == ["3.10", "80.000", "NO", "true", "007"]
    assert one.sections["team_culture"] == "1.50"
