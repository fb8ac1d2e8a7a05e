"""Writes a store as a sync does, page after page, until it is ended: for `benchmarks.serve`."""

from __future__ import annotations

import hashlib
import sys
import time
from pathlib import Path

from atsbridge.app import open_services
from atsbridge.model import Fragment
from atsbridge.ports import PageWrite, RowWrite

ROWS = 500  # of a page, as vendors send them
_PAUSE = 0.05  # seconds until the next page has come


def main() -> None:
    """Hold the lock of the account and write changing pages of applications."""
    with open_services(Path(sys.argv[1])) as services, services.store.lock("acme"):
        owns, number = {"application": ("status", "requisition")}, 0
        while True:
            number += 1
            rows = []
            for one in range(ROWS):
                values = {"status": ("active", "rejected")[number % 2], "requisition": "r1"}
                digest = hashlib.sha256(f"{number} {one}".encode()).digest()[:16]
                fragment = Fragment("application", f"b{one}", values)
                rows.append(RowWrite(f"b{one}", digest, [fragment]))
            services.store.records.write_page(
                PageWrite(
                    account="acme",
                    stream="applications",
                    at=services.time.now(),
                    owns=owns,
                    rows=rows,
                )
            )
            time.sleep(_PAUSE)


if __name__ == "__main__":
    main()
