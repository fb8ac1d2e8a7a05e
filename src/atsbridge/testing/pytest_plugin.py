"""The pytest plugin: prints which built-in rules each connector supports."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

LIGHTS = "atsbridge rules"  # the property under which a contract leaves its table


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One table per connector whose contract ran, in this process or in a worker."""
    for report in terminalreporter.stats.get("passed", ()):
        for title, table in (v for name, v in report.user_properties if name == LIGHTS):
            terminalreporter.section(f"rules that {title} lights up")
            for light, rule, *whys in table:
                terminalreporter.write_line(f"{light:<13} {rule}")
                for why in whys:
                    terminalreporter.write_line(f"{'':<13}   {why}")
