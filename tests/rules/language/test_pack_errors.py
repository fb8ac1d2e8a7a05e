"""One bad pack per message, each with its exact text."""

from __future__ import annotations

from pathlib import Path

import pytest

from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.language.pack_errors import RuleErrors

KINDS = {kind.name: kind for kind in BUILTIN_KINDS}

GOOD = """\
version: 1
rules:
  - id: late
    kind: sla
    title: Feedback
    each: interview.seat
    where: {application.status: active}
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
    target: 1bd
    steps:
      - {at: due, to: seat.user}
    message: Please write.
"""


def complaints(*texts: str) -> list[str]:
    """Every error of these files, as text."""
    try:
        load([(f"p{n}.yaml" if n else "p.yaml", text) for n, text in enumerate(texts)], KINDS)
    except RuleErrors as errors:
        return [str(error) for error in errors.errors]
    return []


def changed(old: str, new: str) -> str:
    """The good pack with one part put differently."""
    assert old in GOOD
    return GOOD.replace(old, new)


BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
_EXPECTED = "#= "  # a line that says line:column and text of one error


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_mistake_is_told_exactly(file: Path) -> None:
    """Each mistake is told at its line and column, with the text, the nearest word and a fix."""
    text = file.read_text("utf-8")
    wanted = [line.removeprefix(_EXPECTED) for line in text.splitlines() if line[:3] == _EXPECTED]
    assert wanted
    assert complaints(text) == [f"p.yaml:{line}" for line in wanted]


def test_good_pack_has_no_mistakes() -> None:
    """The pack that all others here are made from is good."""
    assert complaints(GOOD) == []


def test_all_mistakes_of_all_files_come_in_one_pass() -> None:
    """Broken YAML, a wrong word and a missing key in three files are told together, in order."""
    texts = (
        changed("1bd", "soon").replace("due", "overdue"),
        "rules: [\n",
        changed("    target: 1bd\n", "").replace("id: late", "id: later"),
    )
    told = complaints(*texts)
    assert [line.split(": ")[0] for line in told] == [
        "p.yaml:11:13",
        "p.yaml:13:14",
        "p1.yaml:2:1",
        "p2.yaml:3:5",
    ]


def test_error_carries_its_parts() -> None:
    """Tools get place, text and remedy apart; people get one line each."""
    with pytest.raises(RuleErrors) as caught:
        load([("p.yaml", changed("1bd", "1 day").replace("kind: sla", "kind: slo"))], KINDS)
    first = caught.value.errors[0]
    assert first.where == "p.yaml:4:11"
    assert first.what.startswith('there is no kind "slo": there are sla, quiet, order')
    assert first.remedy == 'Did you mean "sla"? Write: kind: sla'
    assert str(caught.value) == "\n".join(str(error) for error in caught.value.errors)
