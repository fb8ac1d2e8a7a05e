"""The valid text that somebody probably meant: behind every "did you mean".

One function and one cut-off, so that no place guesses more boldly than another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Share of letters in common, as difflib counts them. Below this, guesses were wrong more often
# than right over the catalogue's fields and the settings' keys.
CLOSE = 0.6
# Where names of one's own are welcome too, only a slip of the keyboard is taken for one.
SURE = 0.8
_LONGEST = 80  # characters worth a guess; comparing grows with the square of the length
_SHORTEST_BEGINNING = 3
_PARTS = re.compile(r"[-_ ]+")


def suggest(text: str, known: Iterable[str], close: float = CLOSE) -> str | None:
    """The one of `known` that `text` was probably meant to be; None where none is `close`.

    Case, hyphens, underscores and spaces make no difference. The only one that `text` shortens
    ("rec_ops" for "recruiting_ops") comes before those that merely look alike.
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
    """A remedy: the nearest of `known` as a question, else all of them behind `label`."""
    names = list(dict.fromkeys(known))
    near = suggest(text, names, close)
    if near is not None:
        return f'Did you mean "{near}"?'
    return f"{label}: {', '.join(names)}" if names else f"{label}: none"


def _shortens(text: str, known: str) -> bool:
    """Whether `text` is the beginning of `known`, or each of its parts of the same part there."""
    if len(text) < _SHORTEST_BEGINNING:
        return False
    if known.casefold().startswith(text.casefold()):
        return True
    mine, other = _PARTS.split(text.casefold()), _PARTS.split(known.casefold())
    return len(mine) == len(other) > 1 and all(map(str.startswith, other, mine))


def _squeezed(text: str) -> str:
    return _PARTS.sub("", text.casefold())
