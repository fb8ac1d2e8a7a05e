"""How listings are printed: what is copied out of one stays whole."""

from __future__ import annotations

from typing import Any

from atsbridge.cli.output import table


def test_names_stay_whole_and_sentences_are_folded(capsys: Any) -> None:
    """An id over two lines could not be copied, nor found by a search."""
    names = ["requisition-approval-late", "candidate-without-news", "job_candidate_attributes"]
    says = "what is said of it is long and takes whatever room is left beside the names " * 2
    table(
        ("rule", "status", "list", "what"), [(n, "shadow", names[2], says) for n in names], empty=""
    )
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 100
    for name in names:
        assert any(name in line.split() for line in lines)


def test_a_name_longer_than_any_is_folded(capsys: Any) -> None:
    """Nothing of it is cut off."""
    long = "x" * 150
    table(("id", "what"), [(long, "a word")], empty="")
    assert capsys.readouterr().out.count("x") == 150
