"""What a connector guessed by names, as lines of `doctor`: a person confirms it or maps it.

What is guessed, and how, is each connector's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from atsbridge.ports import Checked, Guess

SHOWN = 12  # names in one line; the rest is counted


def confirmed(guesses: Iterable[Guess]) -> Iterator[Checked]:
    """A line for each value that was guessed: the names taken for it, and the words that told it.

    None is bad: only a person knows what is meant.
    """
    by_value: dict[tuple[str, str], list[Guess]] = {}
    for guess in guesses:
        by_value.setdefault((guess.path, guess.value), []).append(guess)
    for (path, value), some in sorted(by_value.items()):
        names = [f'"{one.name}"{f" ({one.words})" if one.words else ""}' for one in some[:SHOWN]]
        more = [f"and {len(some) - SHOWN} more"] if len(some) > SHOWN else []
        table = path.replace(".", "_")
        yield Checked(
            f"{path} guessed: {value}",
            good=True,
            detail=", ".join([*names, *more]),
            remedy=f"If one means something else, name it in [accounts.NAME.map.{table}]",
        )
