"""Remove from every ratchet what is no longer an offender: `python -m tests.laws.shrink_ratchets`.

Nothing is added: a new offender is mended, and printed here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from . import (
    test_cycles,
    test_doors,
    test_english,
    test_plugin_imports,
    test_retired_words,
    test_sizes,
)
from . import test_unique_names as names
from .source_tree import RATCHETS, ROOT, core, project, ratchet


def offenders() -> dict[str, Iterable[str]]:
    """Name of a ratchet -> what offends its law now."""
    everything, package = project(), core()
    return {
        "doors": test_doors.offenders(everything),
        "cycles": test_cycles.offenders(package),
        "module_names": names.repeated_modules(package),
        "class_names": names.repeated_classes(package),
        "long_modules": test_sizes.long_modules(everything),
        "long_functions": test_sizes.long_functions(everything),
        "wide_functions": test_sizes.wide_functions(everything),
        "long_tests": test_sizes.long_tests(),
        "plugin_imports": test_plugin_imports.offenders(sorted(ROOT.glob("plugins/*/src"))),
        "english": test_english.offenders(everything),
        "retired_words": test_retired_words.offenders(everything),
    }


def main() -> None:
    """Rewrite the files, and print what is new."""
    for name, found in offenders().items():
        now, file = frozenset(found), RATCHETS / f"{name}.txt"
        kept = ratchet(name) & now
        file.write_text("".join(f"{line}\n" for line in sorted(kept)), "utf-8")
        for line in sorted(now - kept):
            sys.stdout.write(f"{name}: new: {line}\n")


if __name__ == "__main__":
    main()
