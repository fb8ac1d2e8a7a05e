"""Write the new status of a rule into a pack as an override, with the evidence as a comment.

Text in, text out. Comments and order of the file stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from atsbridge.errors import RuleError
from atsbridge.rules.language.yaml_source import YamlSource, read

NEXT = {"draft": "shadow", "shadow": "live"}


@dataclass(frozen=True, slots=True)
class Promotion:
    """The rule, its new status, and lines of evidence for the comment."""

    rule: str
    status: str
    evidence: Sequence[str] = ()

    def comment(self, indent: str) -> list[str]:
        return [f"{indent}# {line}" for line in self.evidence]


def promoted(name: str, text: str, what: Promotion) -> str:
    """Add an override of the status to the pack's text, or change an existing one.

    RuleError where the overrides are written in a way that cannot be added to safely; it says what
    to write by hand.
    """
    source = read(name, text)
    lines = text.split("\n")
    overrides = source.data.get("overrides") if isinstance(source.data, dict) else None
    mine = [
        index
        for index, one in enumerate(overrides if isinstance(overrides, list) else ())
        if isinstance(one, dict) and one.get("id") == what.rule
    ]
    if mine:
        _change(source, lines, mine[-1], what)
    elif isinstance(overrides, list) and overrides:
        _insert(source, lines, what)
    elif "overrides" in (source.data or {}):
        raise _by_hand(source, what, "these overrides are empty")
    else:
        _append(lines, what)
    return "\n".join(lines)


def _append(lines: list[str], what: Promotion) -> None:
    """Add the first override, at the end of the file."""
    while lines and not lines[-1].strip():
        lines.pop()
    new = [*what.comment("  "), *_item("  ", what)]
    lines += ["", "overrides:", *new, ""]


def _insert(source: YamlSource, lines: list[str], what: Promotion) -> None:
    """Add an override above the first one."""
    at = source.places.key(("overrides",)).line
    first = source.places.value(("overrides", 0)).line
    dash = lines[first - 1]
    if first == at or not dash.lstrip().startswith("-"):
        raise _by_hand(source, what, "these overrides are not a list of one entry a line")
    indent = dash[: len(dash) - len(dash.lstrip())]
    lines[at:at] = [*what.comment(indent), *_item(indent, what)]


def _item(indent: str, what: Promotion) -> list[str]:
    return [f"{indent}- id: {what.rule}", f"{indent}  status: {what.status}"]


def _change(source: YamlSource, lines: list[str], index: int, what: Promotion) -> None:
    """Set the status in the existing override of this rule."""
    loc = ("overrides", index)
    first = source.places.value(loc).line - 1
    data = source.data["overrides"][index]
    if "status" in data:
        place = source.places.value((*loc, "status"))
        row, column = place.line - 1, place.column - 1
        line, old = lines[row], str(data["status"])
        quote = line[column] if line[column] in "'\"" else ""
        if not line.startswith(f"{quote}{old}{quote}", column):
            raise _by_hand(source, what, "the status of this override is written unusually")
        end = column + len(old) + 2 * len(quote)
        lines[row] = line[:column] + what.status + line[end:]
    else:
        key, value = source.places.key((*loc, "id")), source.places.value((*loc, "id"))
        row, line = value.line - 1, lines[value.line - 1]
        start = source.places.value(loc)
        if lines[start.line - 1][start.column - 1] == "{":
            if not line.startswith(what.rule, value.column - 1):
                raise _by_hand(source, what, "this override is written unusually")
            end = value.column - 1 + len(what.rule)
            lines[row] = f"{line[:end]}, status: {what.status}{line[end:]}"
        else:
            lines.insert(row + 1, f"{' ' * (key.column - 1)}status: {what.status}")
    dash = lines[first]
    if dash.lstrip().startswith("-"):
        indent = dash[: len(dash) - len(dash.lstrip())]
        lines[first:first] = what.comment(indent)


def _by_hand(source: YamlSource, what: Promotion, why: str) -> RuleError:
    return RuleError(
        f"{why}, so nothing was written",
        where=str(source.places.key(("overrides",))),
        remedy=f"Write under overrides: - {{id: {what.rule}, status: {what.status}}}",
    )
