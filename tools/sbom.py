"""Write the software bill of materials of an installation: `python tools/sbom.py`.

CycloneDX, in build/sbom.cdx.json: atsbridge with every plugin and extra, in a new environment at
the tested versions. Development tools are not in it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "build/sbom.cdx.json"
_BIN = Path(sys.executable).parent


def main() -> int:
    """Write the file; the exit code."""
    TARGET.parent.mkdir(exist_ok=True)
    plugins = sorted(str(path.parent) for path in (ROOT / "plugins").glob("*/pyproject.toml"))
    with tempfile.TemporaryDirectory(prefix="atsbridge-sbom-") as folder:
        environment = f"{folder}/venv"
        uv = str(_BIN / "uv")
        subprocess.run([uv, "venv", "-q", "--python", sys.executable, environment], check=True)
        install = [uv, "pip", "install", "-q", "--python", f"{environment}/bin/python"]
        pins = ["--constraint", str(ROOT / "requirements-dev.txt")]
        subprocess.run([*install, *pins, f"{ROOT}[postgres]", *plugins], check=True)
        command = [
            str(_BIN / "cyclonedx-py"),
            "environment",
            "--pyproject",
            str(ROOT / "pyproject.toml"),
            "--output-reproducible",
            "--output-file",
            str(TARGET),
            f"{environment}/bin/python",
        ]
        subprocess.run(command, check=True)
    print(f"Wrote {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
