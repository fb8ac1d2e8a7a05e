"""Side by side with what somebody would pick instead: `python -m benchmarks.peers [--quick]`.

Each peer runs in a virtual environment of its own under build/peers, made at the first run. A peer
that cannot be installed is skipped with a sentence. Figures are ratios within one run, medians of
rounds in which the tools take turns.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.peers import reading
from benchmarks.peers.table import Row, markdown

Comparison = Callable[[int, int, str], tuple[list[Row], list[str]]]


@dataclass(frozen=True, slots=True)
class Part:
    """One job: its size and rounds, in full and with --quick."""

    compare: Comparison
    whole: tuple[int, int]
    quick: tuple[int, int]


def _evaluate_rules(size: int, rounds: int, clock: str) -> tuple[list[Row], list[str]]:
    # Late: a child's peak of memory begins at that of the process that starts it.
    from benchmarks.peers import rule_pass

    return rule_pass.compare(size, rounds, clock)


def _count(size: int, rounds: int, clock: str) -> tuple[list[Row], list[str]]:
    from benchmarks.peers import worktime_peers

    return worktime_peers.compare(size, rounds, clock)


PARTS = {
    "reading": Part(reading.compare, whole=(100_000, 3), quick=(5_000, 1)),
    "rules": Part(_evaluate_rules, whole=(300_000, 5), quick=(20_000, 2)),
    "worktime": Part(_count, whole=(2_000, 5), quick=(200, 1)),
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="small lists, few rounds")
    options.add_argument("--markdown", action="store_true", help="print nothing but the table")
    options.add_argument("--parts", default=",".join(PARTS), help="default: %(default)s")
    options.add_argument("--clock", choices=("wall", "cpu"), default="wall", help="what counts")
    chosen = options.parse_args()
    if unknown := [name for name in chosen.parts.split(",") if name not in PARTS]:
        options.error(f"no part is named {unknown[0]}: choose from {', '.join(PARTS)}")
    rows: list[Row] = []
    skipped: list[str] = []
    for name in chosen.parts.split(","):
        part = PARTS[name]
        size, rounds = part.quick if chosen.quick else part.whole
        print(f"\n== {name}", file=sys.stderr, flush=True)
        with contextlib.redirect_stdout(sys.stderr):
            more, without = part.compare(size, rounds, chosen.clock)
        rows += more
        skipped += without
    print(markdown(rows))
    for sentence in dict.fromkeys(skipped):
        print(sentence, file=sys.stderr)


if __name__ == "__main__":
    main()
