"""Exports of a sandbox company: reports at an address, and the spreadsheet of a small firm.

It is imported on demand, by tests and benchmarks.
"""

from __future__ import annotations

from atsbridge_files.fake.reports import company_ids, report_tables, serve
from atsbridge_files.fake.spreadsheet import SHEET_HEADERS, sheet_rows, write_sheet

__all__ = [
    "SHEET_HEADERS",
    "company_ids",
    "report_tables",
    "serve",
    "sheet_rows",
    "write_sheet",
]
