"""Market tables: what a file says, and every mistake in it at its line and column."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from atsbridge.intake import input_files, market_csv

GOOD = """\
# our survey
title,location,currency,period,p25,p50,p75,days_to_fill,source,as_of
"Engineer, Data",Lisbon,EUR,year,48000,55000,64000,45,"The ""big"" survey",2026-01-31

Cook*,,,,,,,30,a survey,2025-12-01
"""


def test_a_table_is_rows() -> None:
    """Quotes, comments, blank lines and cells that say nothing."""
    said = market_csv.parse_table("pay.csv", GOOD)
    assert said.errors == ()
    first, second = said.rows
    assert (first.title, first.source) == ("Engineer, Data", 'The "big" survey')
    assert (first.p25, first.as_of) == (48000.0, date(2026, 1, 31))
    assert (second.title, second.currency, second.p25, second.days_to_fill) == (
        "Cook*",
        "",
        None,
        30,
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", [("pay.csv:1:1: this table is empty. Write first: title,location,currency,period,"
              "p25,p50,p75,source,as_of")]),
        ("titel,source,source,as_of\n",
         [('pay.csv:1:1: "titel" is no column of a market table. Did you mean "title"? '
          "Write: title"),
          'pay.csv:1:14: the column "source" stands here twice. Keep one "source"',
          ('pay.csv:1:1: the column "title" is missing. Write for example: title,location,'
          "currency,period,p25,p50,p75,source,as_of")]),
        (("title,source,as_of,p25,currency,period\n"
         "Cook, a survey ,soon,12k,EUR,year\n"
         "Cook,a survey,2026-01-31\n"
         '"Head\nCook",a survey,2026-01-31,9,eur,yearly\n'
         "Cook,,2026-01-31,,,\n"),
         ['pay.csv:2:22: "12k" is no number: write the number in full, such as 80000 for 80k',
          'pay.csv:2:17: "soon" is no day such as 2026-01-31',
          "pay.csv:3:1: this line has 3 cells, the first has 6. Put text with commas in quotes",
          'pay.csv:5:33: "yearly" is no period: year, month, week, day, hour',
          'pay.csv:5:29: "eur" is no currency by ISO 4217: write EUR',
          "pay.csv:6:6: source is empty",
          "pay.csv:6:1: this row says nothing: fill one of p25, p50, p75, days_to_fill"]),
    ],
)  # fmt: skip
def test_every_mistake_is_told_where_it_stands(text: str, told: list[str]) -> None:
    """All in one pass, with what to write instead."""
    said = market_csv.parse_table("pay.csv", text)
    assert [str(error) for error in said.errors] == told
    assert said.rows == ()


def test_a_bad_row_costs_only_itself() -> None:
    """The rows around it still speak."""
    said = market_csv.parse_table("pay.csv", GOOD + "Cook,,,,,,,none,a survey,2026-01-31\n")
    assert (len(said.rows), len(said.errors)) == (2, 1)


def test_a_table_older_than_a_year_is_stale() -> None:
    """By its newest row."""
    said = [market_csv.parse_table("pay.csv", GOOD)]
    assert list(market_csv.find_stale(said, date(2027, 1, 31))) == []
    assert list(market_csv.find_stale(said, date(2027, 2, 1))) == [
        ("pay.csv", "its figures are of 2026-01-31: pay has moved since")
    ]
    assert list(market_csv.find_stale(said, date(2026, 1, 30))) == []
    ((_, ahead),) = market_csv.find_stale(said, date(2026, 1, 29))
    assert "2026-01-31" in ahead


def test_files_are_found_by_name_path_and_pattern(tmp_path: Path) -> None:
    """A pattern may meet nothing; a file that is named has to be there."""
    for name in ("b.csv", "a.csv", "other.txt"):
        (tmp_path / name).write_text(GOOD)
    survey = tmp_path / "other.txt"
    asked = ["survey", "*.csv", "a.csv", "none/*.csv", "gone.csv"]
    found, errors = input_files.find_files(asked, tmp_path, {"survey": survey})
    assert [file.name for file in found] == ["other.txt", "a.csv", "b.csv"]
    assert [error.what for error in errors] == ['there is no file "gone.csv"; plugins bring survey']


def test_a_signature_follows_every_change(tmp_path: Path) -> None:
    """Written, gone, or told otherwise by the settings."""
    one = tmp_path / "a.csv"
    one.write_text(GOOD)
    before = input_files.sign_files([one])
    assert input_files.sign_files([one]) == before
    assert input_files.sign_files([one], "map") != before
    one.write_text(GOOD + "\n")
    assert input_files.sign_files([one]) != before
    one.unlink()
    assert input_files.sign_files([one]) not in ("", before)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    """Its name, what it is not, and what to do; the others are read."""
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "b.csv").write_text(GOOD)
    found, _ = input_files.find_files(["*.csv"], tmp_path)
    bad, good = market_csv.read_tables(found, tmp_path)
    assert (
        str(bad.errors[0])
        == "a.csv: this file is UTF-16 text (little endian). Save it as UTF-8 text"
    )
    assert len(good.rows) == 2


HEAD = "title,source,as_of,p50,currency,period\n"
ROW = "Cook,a survey,2026-01-31,{},EUR,year\n"


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title;source;as_of\nCook;a survey;2026-01-31\n",
         ("pay.csv:1:1: the cells of this table are separated by semicolons. Use commas: save it "
          "as CSV (comma delimited), UTF-8")),
        ("title\tsource\tas_of\n",
         ("pay.csv:1:1: the cells of this table are separated by tabs. Use commas: save it "
          "as CSV (comma delimited), UTF-8")),
        ("sep=;\ntitle;source;as_of\n",
         ("pay.csv:1:1: the cells of this table are separated by semicolons. Use commas: save it "
          "as CSV (comma delimited), UTF-8")),
        (HEAD, "pay.csv:1:1: this table has a heading and no rows. Write one row at least"),
        (HEAD + '"Cook,a survey\n',
         "pay.csv:2:1: a cell has more than 1,000 characters. Look for a quote that is not closed"),
        (HEAD + ROW.format("80k") * 101,
         ("pay.csv:102:26: this table has more than 100 mistakes, the first at pay.csv:2:26. Look "
         "whether it is the right file")),
        (HEAD + ROW.format(1) * 20_001,
         ("pay.csv:20002:1: this table has more than 20,000 rows. Leave out what no requisition "
         "needs")),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_whole_file_is_one_error(text: str, told: str) -> None:
    said = market_csv.parse_table("pay.csv", text)
    assert ([str(error) for error in said.errors], said.rows) == ([told], ())


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("80.000", '"80.000" is no number: it may mean 80000 or 80.000: write 80000 or 80.0000'),
        ('"80,000"', '"80,000" is no number: it may mean 80000 or 80.000: write 80000 or 80.0000'),
        ("80 000", '"80 000" is no number: write it without separators: 80000'),
        ("80.000 EUR", '"80.000 EUR" is no number: write the number alone, without a unit or'),
        ("nan", '"nan" is no number: write a number such as 72000 or 45.5'),
        ("-5", '"-5" is no number above 0'),
        ("9999999999999", '"9999999999999" is above 1000000000000'),
        ("=A1*2", "this cell holds a formula. Type its value anew"),
        ("\x1b[2J", "this cell holds a control character. Type its value anew"),
        ('"80000"x', '"80000x" is no number: write the number alone'),
    ],
)
def test_a_figure_that_is_not_exact_is_refused_where_it_stands(cell: str, told: str) -> None:
    said = market_csv.parse_table("pay.csv", HEAD + ROW.format(cell))
    assert str(said.errors[0]).startswith(f"pay.csv:2:26: {told}")
    assert said.rows == ()


@pytest.mark.parametrize("day", ["03/04/2026", "2026-3-4", "20260304", "2026-W10-3", "4 Mar 2026"])
def test_a_day_in_another_form_is_refused(day: str) -> None:
    said = market_csv.parse_table("pay.csv", f"title,source,as_of,days_to_fill\nCook,a,{day},30\n")
    assert str(said.errors[0]).endswith(f'"{day}" is no day such as 2026-01-31')
