"""The modules of a source tree and what they import, read without running them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
RATCHETS = Path(__file__).parent / "ratchets"
# A package's door re-exports: what is asked of it leads on to the module that defines the name.
DOORS = ("__init__.pyi", "__init__.py")


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name. `source` is the module that the statement names."""

    importer: str
    source: str
    name: str  # "" for a whole module
    line: int


@dataclass
class Module:
    """One file. `name` is dotted; a package has the name of its folder."""

    name: str
    path: Path
    package: str  # the package the module stands in; a package stands in itself
    tree: ast.Module = field(repr=False)

    @cached_property
    def imports(self) -> list[Import]:
        """Every import, wherever in the file: in functions and under TYPE_CHECKING too."""
        return list(_imports(self.name, self.package, self.tree))


@dataclass
class SourceTree:
    """The packages below some folders. A folder holds top-level packages."""

    folders: tuple[Path, ...]

    @cached_property
    def modules(self) -> dict[str, Module]:
        """Dotted name -> module, in the order of the names."""
        found = {}
        for folder in self.folders:
            for path in sorted(folder.rglob("*.py")):
                name = ".".join(path.relative_to(folder).with_suffix("").parts)
                package = name.rpartition(".")[0]
                if path.name == "__init__.py":
                    name = package
                found[name] = Module(name, path, package, ast.parse(path.read_text("utf-8")))
        return found

    @cached_property
    def packages(self) -> frozenset[str]:
        """Names of the packages."""
        return frozenset(m.name for m in self.modules.values() if m.path.name == "__init__.py")

    @cached_property
    def _shown(self) -> dict[str, dict[str, Import]]:
        """Package -> name -> where the door takes it from."""
        found: dict[str, dict[str, Import]] = {}
        for package in self.packages:
            shown = found.setdefault(package, {})
            folder = self.modules[package].path.parent
            for door in DOORS:
                if (folder / door).exists():
                    tree = ast.parse((folder / door).read_text("utf-8"))
                    for one in _imports(package, package, tree):
                        shown.setdefault(one.name, one)
        return found

    def shows(self, package: str, name: str) -> bool:
        """Whether the door of a package shows the name."""
        return name in self._shown.get(package, {})

    def hidden_names(self) -> Iterator[str]:
        """ "package.name" of each name that a door shows and that is a module of the package too.

        Once the module is imported by itself, it stands in the place of what the door shows.
        """
        for package, shown in self._shown.items():
            for name, led in shown.items():
                if f"{package}.{name}" in self.modules and led.source != package:
                    yield f"{package}.{name}"

    def target(self, one: Import) -> str | None:
        """The module that an import leads to, through every door; None outside the tree."""
        source, name = one.source, one.name
        for _ in range(20):
            if name and f"{source}.{name}" in self.modules:
                return f"{source}.{name}"
            led = self._shown.get(source, {}).get(name)
            if led is None or led.source == source:
                return source if source in self.modules else None
            source, name = led.source, led.name
        return source if source in self.modules else None

    def graph(self) -> dict[str, set[str]]:
        """Module -> the modules it imports. Doors are left out: they only lead on."""
        edges: dict[str, set[str]] = {}
        for module in self.modules.values():
            if module.name in self.packages:
                continue
            targets = {self.target(one) for one in module.imports}
            edges[module.name] = {
                one for one in targets if one is not None and one not in self.packages
            } - {module.name}
        return edges


@cache
def project() -> SourceTree:
    """The package and every plugin of the checkout."""
    plugins = sorted(ROOT.glob("plugins/*/src"))
    return SourceTree((ROOT / "src", *plugins))


@cache
def core() -> SourceTree:
    """The package alone."""
    return SourceTree((ROOT / "src",))


def ratchet(name: str) -> frozenset[str]:
    """Known offenders of one law: a line each."""
    text = (RATCHETS / f"{name}.txt").read_text("utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip())


def hold(name: str, offenders: Iterable[str]) -> None:
    """Fail on an offender that the ratchet does not know, and on an entry that is none any more."""
    found, known = frozenset(offenders), ratchet(name)
    new, stale = sorted(found - known), sorted(known - found)
    assert not new, f"new offenders: {new}"
    assert not stale, f"run `python -m tests.laws.shrink_ratchets`: no offenders any more: {stale}"


def _imports(name: str, package: str, tree: ast.Module) -> Iterator[Import]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, alias.name, "", node.lineno)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                base = package.split(".")[: len(package.split(".")) - node.level + 1]
                source = ".".join([*base, *([source] if source else [])])
            for alias in node.names:
                yield Import(name, source, alias.name, node.lineno)
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "import_module"
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield Import(name, str(node.args[0].value), "", node.lineno)
