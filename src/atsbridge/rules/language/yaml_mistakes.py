"""What to do about a text that is not YAML: what its line looks like says more than the parser."""

from __future__ import annotations

import re
from typing import Any

from atsbridge.errors import RuleError
from atsbridge.rules.rule import FilePosition
from atsbridge.textfile import position as position_of

_QUOTES = "\"'"
_KEY = r"^\s*(?:- )?[{\s]*([\w.]+):"
_BRACES = re.compile(_KEY + r"\s+\{[^}]*\}\s*[^\s,}\]#]")
_COLON = re.compile(_KEY + r"\s+[^\s\"'{\[|>#&*][^#]*:\s")
_NO_SPACE = re.compile(_KEY + r"\S")
_NO_DASH = re.compile(r"^\s*-[\w.]+:")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what ends a line in YAML 1.1
_SPECIAL = frozenset("*%@`&!")
_ANYTHING = "Look at indentation, quotes and brackets there and in the line above"


def describe_broken(name: str, text: str, error: Any) -> RuleError:
    """The error of the parser, at its place, with what mends it."""
    what = f"this is not YAML: {error.problem or error.context}"
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return RuleError(what, where=name)
    opened = error.context_mark
    if opened is not None and text[opened.index : opened.index + 1] in ("'", '"', "{", "["):
        where = FilePosition(name, opened.line + 1, opened.column + 1)
        sign = text[opened.index]
        remedy = f"Close the {sign} that opens here, or put a text after it into quotes"
        return RuleError(what, where=str(where), remedy=remedy)
    where = FilePosition(name, mark.line + 1, mark.column + 1)
    return RuleError(what, where=str(where), remedy=_advise(text, mark, opened))


def _advise(text: str, mark: Any, opened: Any) -> str:
    """What the line at the mark, or the one where the parser began, needs."""
    lines = [*_BREAK.split(text), ""]  # the parser's end of a file may lie a line below it
    line = lines[mark.line]
    before = line[: mark.column]
    if "\t" in line[: mark.column + 1]:
        return "Use spaces in place of the tab"
    if before[-1:] and before[-1] in _QUOTES:
        return _advise_quote(lines, mark.line, before)
    if line[mark.column : mark.column + 1] in _SPECIAL:
        sign = line[mark.column]
        return f'A text that begins with {sign} needs quotes: "{sign}…"'
    for pattern, advice in (
        (_BRACES, 'A text that begins with a brace needs quotes: {key}: "{{…}} …"'),
        (_COLON, 'A text with a colon in it needs quotes: {key}: "…"'),
    ):
        if found := pattern.match(line):
            return advice.format(key=found[1])
    if opened is not None and (found := _NO_SPACE.match(lines[opened.line])):
        return f"Write a space after {found[1]}:"
    if any(_NO_DASH.match(one) for one in lines[max(mark.line - 1, 0) : mark.line + 1]):
        return "Write a space after the dash"
    return _ANYTHING


def _advise_quote(lines: list[str], number: int, before: str) -> str:
    """Something follows a quote: one that another line opened, or one inside a text."""
    sign = before[-1]
    if before.count(sign) % 2 == 0:
        other = _QUOTES.replace(sign, "")
        return f"The text ends at this {sign}. If it goes on, write {other} around all of it"
    for above in range(number - 1, -1, -1):
        if lines[above].count(sign) % 2:
            return f"Close the {sign} that line {above + 1} opens"
    return _ANYTHING


def place_after(name: str, text: str, position: int) -> FilePosition:
    """The place of a character in a file, by its index."""
    return FilePosition(name, *position_of(text, position))
