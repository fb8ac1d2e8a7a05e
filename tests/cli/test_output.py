"""Tables fit terminals and pipes: words and names stay whole, records stay findable."""

from __future__ import annotations

import pytest

from atsbridge.cli.output import emit_json, table

from .terminals import open_terminal

RULES = ("requisition-approval-late", "candidate-without-news", "job_candidate_attributes")
SENTENCE = "a long sentence that takes whatever room is left beside the names " * 2
HEADS = ("rule", "status", "what")


def rows() -> list[tuple[str, str, str]]:
    return [(rule, "shadow", SENTENCE.strip()) for rule in RULES]


def test_in_a_pipe_every_record_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """`grep` finds a whole record, whatever COLUMNS says."""
    table(HEADS, rows(), empty="")
    heads, *lines = capsys.readouterr().out.splitlines()
    assert heads.split() == list(HEADS)
    assert [line.split()[0] for line in lines] == list(RULES)
    assert all(line.endswith(SENTENCE.strip()) for line in lines)


@pytest.mark.parametrize("columns", [60, 80, 132])
def test_on_a_terminal_lines_fit_and_words_stay_whole(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every word of every cell is found on one line."""
    terminal = open_terminal(monkeypatch, columns)
    table(HEADS, rows(), empty="")
    assert max(map(len, terminal.lines)) <= columns
    words = {word for line in terminal.lines for word in line.split()}
    assert {*RULES, *SENTENCE.split()} <= words


def test_a_terminal_too_narrow_for_columns_gets_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each record is a few lines, each with its head."""
    terminal = open_terminal(monkeypatch, 40)
    table(HEADS, rows(), empty="")
    assert [line for line in terminal.lines if line.startswith("rule: ")] == [
        f"rule: {rule}" for rule in RULES
    ]
    assert max(map(len, terminal.lines)) <= 40


def test_a_word_longer_than_the_terminal_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """It can still be copied."""
    terminal = open_terminal(monkeypatch, 60)
    table(("id", "what"), [("x" * 150, "a word")], empty="")
    assert "x" * 150 in terminal.getvalue()


def test_an_empty_table_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Without heads."""
    table(HEADS, [], empty="Nothing here.")
    assert capsys.readouterr().out == "Nothing here.\n"


def test_json_names_its_version_first(capsys: pytest.CaptureFixture[str]) -> None:
    """A program checks it before anything else."""
    emit_json({"cases": []})
    assert capsys.readouterr().out.split('"')[1] == "version"
