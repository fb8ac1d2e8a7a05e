"""Text that is not YAML: where it broke, and what mends it."""

from __future__ import annotations

import pytest

from atsbridge.errors import RuleError
from atsbridge.rules.language.yaml_source import read

RULE = "rules:\n  - id: x\n"  # what each mistake stands below


@pytest.mark.parametrize(
    ("lines", "where", "remedy"),
    [
        (['message: "Please do it', "title: foo"], "3:14", 'Close the " that opens here'),
        (['message: "Please do it', 'title: "foo"'], "4:13", 'Close the " that line 3 opens'),
        (["message: 'It's due'"], "3:18", 'If it goes on, write " around all of it'),
        (["message: Please do: now"], "3:23", 'with a colon in it needs quotes: message: "…"'),
        (["message: {a.b} waits"], "3:20", 'begins with a brace needs quotes: message: "{…} …"'),
        (["where: {a: [b, c}"], "3:16", "Close the [ that opens here"),
        (["where: {a: b", "title: foo"], "3:12", "Close the { that opens here"),
        (["at: %80"], "3:9", 'A text that begins with % needs quotes: "%…"'),
        (["kind:sla", "title: foo"], "4:5", "Write a space after kind:"),
        (["title: foo", "  kind: sla"], "4:11", "Look at indentation"),
    ],
)
def test_the_remedy_fits_the_line(lines: list[str], where: str, remedy: str) -> None:
    """The place is where an author has to look."""
    text = RULE + "".join(f"    {line}\n" for line in lines)
    with pytest.raises(RuleError) as raised:
        read("f.yaml", text)
    assert raised.value.where == f"f.yaml:{where}"
    assert remedy in str(raised.value.remedy)


def test_a_list_needs_a_space_after_its_dash() -> None:
    """Without it the dash is part of the key."""
    with pytest.raises(RuleError) as raised:
        read("f.yaml", "rules:\n  -id: x\n    kind: sla\n")
    assert raised.value.remedy == "Write a space after the dash"


@pytest.mark.parametrize(
    "text", ["rules: [", "rules: [a,\n", "a: {b:\r\n", "a: [\x85b: 'c", "\u2028- ["]
)
def test_a_file_that_breaks_off_is_told(text: str) -> None:
    """The parser's end of it may be a line that the file does not have."""
    with pytest.raises(RuleError) as raised:
        read("f.yaml", text)
    assert raised.value.remedy
