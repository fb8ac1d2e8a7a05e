"""The report of a large account: `python -m benchmarks.report [--quick]`.

20,000 requisitions and 1,000,000 applications in under 30 seconds and 300 MB, in a process of its
own. The store is filled first; that time does not count.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.report_store import StoreSize, fill, write_settings

from atsbridge.app import open_services
from atsbridge.report import ReportOptions, collect_report, render_page, to_csv
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WHOLE = StoreSize(20_000, 1_000_000, 400_000, 3_000, 200)
QUICK = StoreSize(2_000, 50_000, 40_000, 500, 200)
_SECONDS, _MEGABYTES = 30, 300


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="a small store")
    options.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.measure:
        _measure(chosen.measure)
        return
    size = QUICK if chosen.quick else WHOLE
    with tempfile.TemporaryDirectory() as name:
        config = write_settings(Path(name), size)
        with open_services(config, time=ManualTime(NOW)) as services:
            fill(services, Path(name), size, NOW)
        print(f"{size.requisitions:,} requisitions, {size.applications:,} applications", flush=True)
        command = [sys.executable, "-m", "benchmarks.report", "--measure", str(config)]
        sys.exit(subprocess.run(command, check=False).returncode)


def _measure(config: Path) -> None:
    # Tools of development bring a grammar of IRIs, which jsonschema (and so Altair) loads where it
    # is: 16 MB that an installation with the extra `report` does not have.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    begun = time.perf_counter()
    with open_services(config, time=ManualTime(NOW)) as services:
        report = collect_report(services, ReportOptions())
    collected = time.perf_counter()
    page, table = render_page(report), to_csv(report)
    took = time.perf_counter() - begun
    peak = _peak_megabytes()
    cpu = time.process_time()  # what other programs on the machine do not change
    print(f"{cpu:.1f} s of CPU since the process began")
    print(f"collect {collected - begun:.1f} s, page and table {took - (collected - begun):.1f} s")
    print(f"page {len(page) / 1e6:.1f} MB, table {len(table) / 1e6:.1f} MB, peak {peak:.0f} MB")
    good = took < _SECONDS and peak < _MEGABYTES
    verdict = "reached" if good else "MISSED"
    print(f"{verdict}: {took:.1f} of {_SECONDS} s, {peak:.0f} of {_MEGABYTES} MB")
    sys.exit(not good)


def _peak_megabytes() -> float:
    """Of this process alone: `ru_maxrss` also counts what its parent had when it was started."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    assert found is not None
    return int(found[1]) / 1024


if __name__ == "__main__":
    main()
