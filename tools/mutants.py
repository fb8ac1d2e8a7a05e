"""Change one module in small ways and see which changes its tests do not notice.

Run it with `make mutants MODULE=cases/lifecycle`, or for a sample of 100 with `SAMPLE=100`.

A change that no test notices (a survivor) is either a promise without a test, or a change that
changes nothing. Survivors are printed as diffs; what they are, a person decides.

Everything happens in a copy of the checkout that is deleted at the end. mutmut changes the bodies
of functions and methods; it leaves decorated functions and module constants alone.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.db", "*.db-*", "build", "dist")
PYTEST = (
    *("-p", "no:randomly", "--hypothesis-profile", "ci"),  # the same examples for every mutant
    *("-p", "no:cacheprovider", "-n", "0"),
    *("--timeout", "0"),  # mutmut has its own limit; a busy machine must not look like a kill
    *("-k", "not postgresql"),  # repeats slowly what SQLite has shown
)
MUTMUT = (sys.executable, "-m", "mutmut")
KILLED, SURVIVED, TIMED_OUT, UNTESTED = "killed", "survived", "timeouts", "without a test"
# mutmut's exit codes; any other is a mutant that crashed the tests' process, which is noticed.
OUTCOMES = {0: SURVIVED, 5: UNTESTED, 33: UNTESTED}
OUTCOMES |= dict.fromkeys((24, -24, 36, 152, 255), TIMED_OUT)


@dataclass(frozen=True, slots=True)
class Target:
    """A module, the project it belongs to (root or a plugin), and the tests that hold it.

    `project` is relative to the checkout; `module` and `tests` are relative to `project`.
    """

    project: Path
    module: Path
    tests: tuple[str, ...]


def find_target(name: str, tests: Sequence[str] = ()) -> Target:
    """The module of a name such as `cases/lifecycle` or a path from the root of the checkout.

    Its tests are those of its package: the nearest folder of `tests/` that mirrors it. A module
    outside any package has a file of tests, and a plugin's module all tests of the plugin.
    SystemExit where there is no such module.
    """
    given = Path(name).with_suffix(".py")
    places = (ROOT / "src" / "atsbridge" / given, ROOT / given)
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise SystemExit(f"there is no module {name}: give it as cases/lifecycle, or as a path")
    project = next(folder for folder in path.parents if (folder / "pyproject.toml").is_file())
    module = path.relative_to(project)
    inside = project / "tests" / Path(*module.parts[2:])
    mirror = next(folder for folder in inside.parents if folder.is_dir())
    alone = project / "tests" / f"test_{module.name}"
    if mirror.name == "tests" and alone.is_file():
        mirror = alone
    found = tuple(tests) or (str(mirror.relative_to(project)),)
    return Target(project.relative_to(ROOT), module, found)


def prepare_copy(target: Target, folder: Path) -> Path:
    """Copy the checkout into `folder` and set mutmut up there. Returns the copy of the project."""
    copy = folder / "checkout"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    project = copy / target.project
    settings = {
        "source_paths": ["src"],
        "only_mutate": [str(target.module)],
        "also_copy": sorted(one.name for one in project.iterdir() if one.name != "src"),
        "pytest_add_cli_args": ["-c", str(copy / "pyproject.toml"), *PYTEST],
        "pytest_add_cli_args_test_selection": list(target.tests),
        "track_dependencies": False,
        "use_git_change_detection": False,
    }
    lines = (f"{key} = {json.dumps(value)}" for key, value in settings.items())
    with (project / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tool.mutmut]\n" + "\n".join(lines) + "\n")
    return project


def list_mutants(module: Path) -> list[str]:
    """Names of all mutants of a module, in order. The current directory is its project's copy."""
    from mutmut.mutation.file_mutation import mutate_file_contents
    from mutmut.utils.format_utils import get_mutant_name

    changed = mutate_file_contents(str(module), module.read_text("utf-8"))
    return [get_mutant_name(module, one) for one in changed.mutant_names]


def run_mutants(module: Path, names: Sequence[str]) -> dict[str, str]:
    """Run the tests against each mutant. Returns what became of it, by name, in order.

    SystemExit where the tests fail without any change.
    """
    done = subprocess.run((*MUTMUT, "run", *names), stdout=subprocess.PIPE, text=True, check=False)
    results = Path("mutants") / f"{module}.meta"
    if done.returncode != 0 or not results.is_file():
        print(done.stdout[-4000:], file=sys.stderr)
        raise SystemExit("mutmut stopped: do the tests pass without a change?")
    codes = json.loads(results.read_text("utf-8"))["exit_code_by_key"]
    return {name: OUTCOMES.get(codes[name], KILLED) for name in names}


def show_diffs(names: Iterable[str]) -> None:
    for name in names:
        shown = subprocess.run((*MUTMUT, "show", name), capture_output=True, text=True, check=True)
        print(f"\n{shown.stdout.strip()}", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("module", help="cases/lifecycle, or a path such as plugins/lever/src/...")
    options.add_argument("tests", nargs="*", help="tests to run instead of those of its package")
    options.add_argument("--sample", type=int, default=0, help="how many mutants; 0: all")
    options.add_argument("--seed", type=int, default=1, help="which sample")
    given = options.parse_args()
    target = find_target(given.module, given.tests)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        os.chdir(prepare_copy(target, Path(folder)))
        names = every = list_mutants(target.module)
        if 0 < given.sample < len(every):
            chosen = set(random.Random(given.seed).sample(every, given.sample))
            names = [name for name in every if name in chosen]
        print(f"{len(names)} of {len(every)} mutants, tests: {' '.join(target.tests)}", flush=True)
        outcomes = run_mutants(target.module, names)
        show_diffs(name for name in names if outcomes[name] in (SURVIVED, UNTESTED))
        os.chdir(ROOT)
    count = collections.Counter(outcomes.values())
    noticed = count[KILLED] + count[TIMED_OUT]
    figures = ", ".join(f"{kind} {count[kind]}" for kind in (KILLED, SURVIVED, TIMED_OUT, UNTESTED))
    print(f"\n{target.module}: mutants {len(names)}, {figures}; noticed {noticed / len(names):.0%}")


if __name__ == "__main__":
    main()
