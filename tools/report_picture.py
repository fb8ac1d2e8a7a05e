"""Draw docs/images/report.png, the report in the README: `python tools/report_picture.py`.

The demo plays its week, and Debian's chromium photographs the first screen of its report.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import which

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).parents[1] / "docs/images/report.png"
_WIDTH, _HEIGHT = 1180, 1130


def main() -> None:
    """Write the picture."""
    browser_path = which("chromium")
    if browser_path is None:
        raise SystemExit("chromium is not installed: on Debian, apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        command = [sys.executable, "-m", "atsbridge", "demo", "--report", str(page)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=browser_path, args=["--no-sandbox"]
            )
            tab = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
            tab.goto(page.as_uri())
            tab.screenshot(path=PICTURE)
            browser.close()


if __name__ == "__main__":
    main()
