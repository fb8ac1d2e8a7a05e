"""The figures of the demo read well whatever they count."""

from __future__ import annotations

from collections import Counter

import pytest

from atsbridge.cli.demo_figures import list_figures


@pytest.mark.parametrize(
    ("number", "texts"),
    [
        (
            1,
            (
                "case opened",
                "was done",
                "was no longer",
                "is still open",
                "message to one",
                "summary to the",
                "note in",
                "request to both ATSs",
                "person got messages of market (pay)",
            ),
        ),
        (
            2,
            (
                "cases opened",
                "were done",
                "were no longer",
                "are still open",
                "messages to one",
                "summaries to the",
                "notes in",
                "requests to both ATSs",
                "people got messages of market (pay)",
            ),
        ),
    ],
)
def test_one_is_not_several(number: int, texts: tuple[str, ...]) -> None:
    """Nouns and verbs agree with their number."""
    keys = ("opened a", "resolved a", "moved on a", "open a", "to person", "to channel", "requests")
    counts = Counter(dict.fromkeys(keys, number))
    found = list_figures(counts, number, {"market (pay)": number}, "both ATSs")
    assert [one for one, _ in found] == [str(number)] * len(texts)
    for (_, shown), text in zip(found, texts, strict=True):
        assert text in shown
