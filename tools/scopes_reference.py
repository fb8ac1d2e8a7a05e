"""Write docs/reference/scopes.md, the permissions that each pack needs: `python
tools/scopes_reference.py`.

The page is made from the lists that connectors declare and the fields that rules read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from atsbridge.plugins import discover
from atsbridge.ports import ConnectorSpec, Stream, creators
from atsbridge.rules import BUILTIN_KINDS, load, needs

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/reference/scopes.md"
PEOPLE = frozenset({"user.email", "user.name"})  # every message names somebody and has an address
_INTRODUCTION = """\
# Permissions by pack

Which permissions of a credential the built-in packs need. `make docs` generates this page from the
lists that connectors declare and the fields that rules read.

A credential with fewer permissions also works: a list that is refused is reported once, rules that
need it say nothing, and everything else goes on. `atsbridge doctor` names what is missing. Lists
that only an account's `map` uses, and what writing into the ATS needs, are on the pages of the
connectors: [Greenhouse](../../plugins/greenhouse/README.md),
[Lever](../../plugins/lever/README.md), [Ashby](../../plugins/ashby/README.md).
"""


def fields_of_packs() -> Mapping[str, frozenset[str]]:
    """Pack -> every "kind.field" that one of its rules reads."""
    kinds = {kind.name: kind for kind in BUILTIN_KINDS}
    found = {}
    for file in sorted((ROOT / "rules").glob("*.yaml")):
        rules = load([(file.name, file.read_text("utf-8"))], kinds).rules.values()
        found[file.stem] = PEOPLE.union(*(needs(rule) for rule in rules))
    return found


def needed(spec: ConnectorSpec, fields: frozenset[str]) -> Iterator[Stream]:
    """The lists that supply one of the fields, or create the records that have them."""
    kinds = {field.partition(".")[0] for field in fields}
    creating = creators(spec.streams)
    for stream in spec.streams:
        owned = {f"{kind}.{column}" for kind, columns in stream.owns.items() for column in columns}
        if stream.only_if_mapped:
            continue
        if owned & fields or creating.get(stream.name, frozenset()) & kinds:
            yield stream


def make_page() -> str:
    """The whole page."""
    packs = fields_of_packs()
    parts = [_INTRODUCTION]
    for name, spec in sorted(discover().connectors().items()):
        if spec.adapt is not None:
            continue  # what its accounts read depends on their settings, and needs no permission
        scopes: dict[str, set[str]] = {}
        for pack, fields in packs.items():
            for stream in needed(spec, fields):
                if stream.scope:
                    scopes.setdefault(stream.scope, set()).add(pack)
        parts.append(f"## {name}\n")
        parts.append("".join(_table(scopes, list(packs))))
    return "\n".join(parts).rstrip() + "\n"


def _table(scopes: Mapping[str, set[str]], packs: list[str]) -> Iterator[str]:
    yield f"| permission | {' | '.join(packs)} |\n"
    yield f"| --- | {' | '.join(':---:' for _ in packs)} |\n"
    for scope, needing in scopes.items():
        marks = ("yes" if pack in needing else "" for pack in packs)
        yield f"| `{scope}` | {' | '.join(marks)} |\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(make_page(), "utf-8")


if __name__ == "__main__":
    main()
