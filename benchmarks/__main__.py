"""Every benchmark, one after the other: `python -m benchmarks [--quick]`.

Each measures ratios within one run and says whether its goal was reached.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

# name, what it takes in full, what it takes with --quick
SUITE = (
    ("worktime", (), ()),
    ("sync", (), ("--records", "20000", "--rounds", "3")),
    ("backtest", (), ("--records", "50000")),
    ("rules", (), ("--applications", "50000")),
    ("tick", (), ("--records", "20000", "--rounds", "5")),
    ("first_run", (), ("--records", "20000", "--rounds", "1")),
    ("report", (), ("--quick",)),
    ("serve", (), ("--quick",)),
    ("scale", (), ("--hours", "3")),
    ("files", (), ("--rows", "50000")),
)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="small stores, few rounds")
    quick = options.parse_args().quick
    failed = False
    for name, whole, small in SUITE:
        print(f"\n== {name}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", *(small if quick else whole)]
        failed |= subprocess.run(command, check=False).returncode != 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
