"""Every way a case can end has a sentence that is true."""

from __future__ import annotations

from atsbridge.cases.lifecycle import UNTRACKED
from atsbridge.model.reason import END_CODES, ReasonCode, because
from atsbridge.presentation import resolution_text


def test_every_end_has_a_sentence_of_its_own() -> None:
    """None of them is empty, claims that something was done, or says that things moved on."""
    sentences = {code: resolution_text.sentence(because(code)) for code in END_CODES}
    assert all(sentences.values())
    assert [code for code, text in sentences.items() if "done" in text] == [ReasonCode.STOPPED]
    untracked = {
        code
        for code in END_CODES
        if resolution_text.status(because(code)) == resolution_text.NOT_TRACKED
    }
    assert untracked >= UNTRACKED | {ReasonCode.DELETED, ReasonCode.CONDITION, ReasonCode.OTHER}
    assert not any("moved on" in text or "{" in text for text in sentences.values())


def test_an_end_without_a_reason_claims_nothing() -> None:
    """Of a case that an older version ended."""
    assert resolution_text.status(None) == resolution_text.NOT_TRACKED
    assert resolution_text.sentence(None) == "The conditions of this rule no longer apply"
