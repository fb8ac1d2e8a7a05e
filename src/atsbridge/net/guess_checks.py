"""Guessed values as lines of `doctor`, for a person to confirm or map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from atsbridge.ports import CheckResult, Guess

SHOWN = 12  # names in one line; the rest is counted


def describe_guesses(guesses: Iterable[Guess]) -> Iterator[CheckResult]:
    """One line for each guessed value: the names it was guessed from, and the deciding words.

    Every line is good: only a person knows what a name means.
    """
    by_value: dict[tuple[str, str], list[Guess]] = {}
    for guess in guesses:
        by_value.setdefault((guess.path, guess.value), []).append(guess)
    for (path, value), some in sorted(by_value.items()):
        names = [
            f'"{one.name}"{f" ({one.matched})" if one.matched else ""}' for one in some[:SHOWN]
        ]
        more = [f"and {len(some) - SHOWN} more"] if len(some) > SHOWN else []
        table = path.replace(".", "_")
        yield CheckResult(
            f"{path} guessed: {value}",
            good=True,
            detail=", ".join([*names, *more]),
            remedy=f"If one means something else, name it in [accounts.NAME.map.{table}]",
        )
