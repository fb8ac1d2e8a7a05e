"""Suggestions for misspelled names: the source of every "did you mean"."""

from __future__ import annotations

import re
from collections.abc import Iterable

# The least similarity, as difflib computes it. Below this, names share letters by chance: "nobody"
# and "good" share 0.6.
CLOSE = 0.63
# For keys that people may also invent, such as sections of a brief: typing errors only.
SURE = 0.8
_LONGEST = 80  # characters worth a guess; comparing grows with the square of the length
_SHORTEST_BEGINNING = 3
_PARTS = re.compile(r"[-_ ]+")


def suggest(text: str, known: Iterable[str], close: float = CLOSE) -> str | None:
    """The closest of `known`; None if none is `close`.

    Case, hyphens, underscores and spaces are ignored. A name that `text` abbreviates, such as
    "rec_ops" for "recruiting_ops", is preferred if it is the only one.
    """
    from difflib import SequenceMatcher

    given = _squeezed(text)
    if not given or len(text) > _LONGEST:
        return None
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(given)
    best, found, longer = close, None, []
    for one in known:
        candidate = _squeezed(one)
        if close <= CLOSE and _shortens(text, one):
            longer.append(one)
        matcher.set_seq1(candidate)
        if matcher.real_quick_ratio() < best or matcher.quick_ratio() < best:
            continue
        ratio = matcher.ratio()
        if ratio > best or (ratio == best and found is None):
            best, found = ratio, one
    return longer[0] if len(longer) == 1 and best < 1 else found


def did_you_mean(
    text: str, known: Iterable[str], label: str = "Known", close: float = CLOSE
) -> str:
    """A remedy: the closest of `known` as a question, else a list of all after `label`."""
    names = list(dict.fromkeys(known))
    near = suggest(text, names, close)
    if near is not None:
        return f'Did you mean "{near}"?'
    return f"{label}: {', '.join(names)}" if names else f"{label}: none"


def _shortens(text: str, known: str) -> bool:
    """Whether `text` abbreviates `known`, as a whole or part by part."""
    if len(text) < _SHORTEST_BEGINNING:
        return False
    if known.casefold().startswith(text.casefold()):
        return True
    mine, other = _PARTS.split(text.casefold()), _PARTS.split(known.casefold())
    return len(mine) == len(other) > 1 and all(map(str.startswith, other, mine))


def _squeezed(text: str) -> str:
    return _PARTS.sub("", text.casefold())
