"""`atsbridge rules schema`: what a rule may say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from atsbridge.cli.output import emit_json, table
from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from atsbridge.plugins import Plugins
    from atsbridge.ports import RuleKind


@click.command("schema")
@click.argument("kind", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON Schema of a pack, for editors.")
@click.option("--markdown", is_flag=True, help="All of it as a page of docs.")
def schema_command(kind: str | None, as_json: bool, markdown: bool) -> None:
    """What a rule may say. KIND: a kind of rule (sla), or of record (interview.seat)."""
    from atsbridge.model.catalogue import KINDS
    from atsbridge.plugins import discover
    from atsbridge.rules import reference

    plugins = discover()
    kinds = plugins.rule_kinds()
    if markdown:
        click.echo(_page(plugins), nl=False)
    elif kind is None and as_json:
        from atsbridge.rules.editor import pack_schema

        emit_json(pack_schema(kinds))
    elif kind is None:
        rows = [(name, one.judge, reference.question(one)) for name, one in kinds.items()]
        table(("kind of rule", "judge", "asks"), rows, empty="")
        click.echo(f"Kinds of records: {', '.join(KINDS)}.")
        click.echo("Add a kind of either to see more, for example interview.seat.")
    elif kind in kinds:
        lines = reference.keys(kinds[kind])
        if as_json:
            emit_json(lines)
        else:
            click.echo(reference.question(kinds[kind]))
            table(("key", "for example"), list(lines.items()), empty="It has no keys of its own.")
    else:
        _browse(kind, kinds, as_json=as_json)


def _page(plugins: Plugins) -> str:
    """The page of docs: the built-in packs, and every connector that is installed."""
    from atsbridge.rules import finder, reference
    from atsbridge.rules.pack import load

    files = sorted(finder.builtin_folder().glob("*.yaml"))
    found = load(finder.texts(files, finder.builtin_folder()), plugins.rule_kinds()).rules
    specs = [spec for _, spec in sorted(plugins.connectors().items())]
    return reference.markdown(plugins.rule_kinds(), found.values(), specs)


def _browse(kind: str, kinds: Mapping[str, RuleKind], *, as_json: bool) -> None:
    """Every path that a rule on this kind of record can read."""
    from dataclasses import asdict

    from atsbridge.model.catalogue import KINDS
    from atsbridge.rules.mistakes import Mistake, nearest
    from atsbridge.rules.reference import words
    from atsbridge.rules.vocabulary import subject_of

    subject = subject_of(kind)
    if isinstance(subject, Mistake):
        near = nearest(kind, (*kinds, *KINDS))
        remedy = f'Did you mean "{near}"?' if near else "See `atsbridge rules schema`"
        raise ConfigError(f"{kind!r} is no kind of rule or record", remedy=remedy)
    found = words(subject)
    if as_json:
        emit_json([asdict(word) for word in found])
        return
    rows = [(word.path, word.type, word.absent, word.reader, word.doc) for word in found]
    table(("path", "type", "absent", "who may read", "meaning"), rows, empty="")
