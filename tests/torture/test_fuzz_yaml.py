"""Mutated packs, briefs and tables: each is accepted or told at file:line:column, never more.

The normal suite plays a sample; `make torture` plays thousands.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator

import pytest

from atsbridge.errors import RuleError
from atsbridge.intake import brief_files, market_csv
from atsbridge.plugins import discover
from atsbridge.rules.compile.cross_references import KnownNames
from atsbridge.rules.compile.discovery import builtin_folder
from atsbridge.rules.compile.pack_loader import load_good
from atsbridge.textfile import decode

NAME = "one.file"
_PLACE = re.compile(rf"{re.escape(NAME)}(:\d+:\d+)?")
KNOWN = KnownNames(frozenset({"office"}), frozenset({"recruiting_ops"}))
KINDS = discover().rule_kinds()
BRIEF = """\
requisition: REQ-104
account: acme
sections:
  must_haves: [Five years of Go, Works with auditors]
  team_culture: Quiet mornings, one office day.
agreed:
  ravi@acme.example: 2026-03-05
"""
TABLE = """\
title,location,currency,period,p25,p50,p75,days_to_fill,source,as_of
"Engineer, Data",Lisbon,EUR,year,48000,55000,64000,45,"The ""big"" survey",2026-01-31
Cook*,,,,,,,30,a survey,2025-12-01
"""
# What people and other programs put into files.
PIECES = (
    "[", "]", "{", "}", "- ", "? ", ": ", "&a ", "*a ", "<<: *a", "!!python/object:x ",
    "%TAG ! x\n", "---\n", "...\n", "\t", "\r", "\r\n", "\0", "\x1b[2J", "\x85", "\u2028",
    "\ufeff", "\u202e", "'", '"', "|\n", ">-\n", "#", "null", "~", "yes", "NO", "on", "12:30",
    "0o17", "1_000", "1e400", ".inf", ".nan", "80.000", "1,234", "80k", "-1", "9" * 30,
    "9" * 5000, "0." + "1" * 400, "2 days", "99999999bd", "1.000h", "03/04/2026", "0001-01-01",
    "9999-12-31T23:59-14:00", "a" * 300, "x" * 60_000, "[" * 500, "{a: " * 500, "- " * 500, ";",
    "=cmd()", "é", "١٢", "𝟙", "\ud7ff", ",", "{id: feedback-late}", "application.status",
    "seat.scorecard.submitted_at", "due", "80%", "{}",
)  # fmt: skip


def mutated(text: str, dice: random.Random) -> bytes:
    """The text with one to four things done to it, perhaps in another encoding."""
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(text) + 1)
        lines = text.split("\n")
        line = dice.randrange(len(lines))
        match dice.randrange(7):
            case 0:
                text = text[:at] + dice.choice(PIECES) + text[at:]
            case 1:
                text = text[:at] + text[at + dice.randint(1, 20) :]
            case 2:
                text = "\n".join([*lines[:line], *lines[line:][:1] * 2, *lines[line + 1 :]])
            case 3:
                text = "\n".join([*lines[:line], dice.choice((" ", "  ", "\t")) + lines[line]])
            case 4:
                key, colon, _ = lines[line].partition(": ")
                lines[line] = f"{key}{colon}{dice.choice(PIECES)}"
                text = "\n".join(lines)
            case 5:
                del lines[line]
                text = "\n".join(lines)
            case _:
                text = text[:at]
    data = text.encode("utf-8", "surrogatepass")
    match dice.randrange(30):
        case 0:
            return text.encode("utf-16", "surrogatepass")
        case 1:
            return text.encode("latin-1", "replace")
        case 2:
            return data + bytes([dice.randrange(256)])
    return data


def pack(text: str) -> list[RuleError]:
    return list(load_good([(NAME, text)], KINDS, KNOWN).mistakes)


def brief(text: str) -> list[RuleError]:
    return list(brief_files.parse_brief(NAME, text).errors)


def table(text: str) -> list[RuleError]:
    return list(market_csv.parse_table(NAME, text).errors)


def packs() -> Iterator[str]:
    """The rules of the built-in packs one by one: a whole pack takes long to compile."""
    for file in sorted(builtin_folder().glob("*.yaml")):
        head, *rules = re.split(r"(?m)^(?=  - id: )", file.read_text("utf-8"))
        defaults = head[head.index("version:") :]
        yield from (defaults + rule for rule in rules[::4])


def check(read: Callable[[str], list[RuleError]], sources: list[str], rounds: int) -> None:
    """Every mutation is read or told; a fault shows its seed."""
    for seed in range(rounds):
        dice = random.Random(seed)
        data = mutated(dice.choice(sources), dice)
        try:
            errors = read(decode(data, NAME, RuleError))
        except RuleError as error:
            errors = [error]
        except Exception as error:
            raise AssertionError(f"seed {seed}: {type(error).__name__}") from error
        for error in errors:
            assert _PLACE.fullmatch(error.where), (seed, str(error)[:300])
            assert len(str(error)) < 2_000, seed


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("read", "rounds"), [(pack, 150), (brief, 400), (table, 400)], ids=["packs", "briefs", "tables"]
)
def test_a_sample_of_mutated_files(read: Callable[[str], list[RuleError]], rounds: int) -> None:
    check(read, _sources(read), rounds)


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("read", [pack, brief, table], ids=["packs", "briefs", "tables"])
def test_thousands_of_mutated_files(read: Callable[[str], list[RuleError]]) -> None:
    check(read, _sources(read), 5_000)


def _sources(read: Callable[[str], list[RuleError]]) -> list[str]:
    return {pack: list(packs()), brief: [BRIEF], table: [TABLE]}[read]


def test_the_built_in_rules_are_good_before_they_are_mutated() -> None:
    sources = list(packs())
    assert len(sources) >= 10
    assert [pack(text) for text in sources[:5]] == [[]] * 5
    assert (brief(BRIEF), table(TABLE)) == ([], [])
