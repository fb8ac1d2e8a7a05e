"""`atsbridge rules schema`: the keys of rules, and the fields that they can read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from atsbridge.cli.output import emit_json, emit_plain_json, table
from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from atsbridge.plugins import Plugins
    from atsbridge.ports import AnyRuleKind, ConnectorSpec
    from atsbridge.rules import CoverageLevel


@click.command("schema")
@click.argument("kind", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON Schema of a pack, for editors.")
@click.option("--markdown", is_flag=True, help="Print the reference page of the docs.")
def schema_command(kind: str | None, as_json: bool, markdown: bool) -> None:
    """Show the keys and fields of rules. KIND: a rule kind (sla) or a record (interview.seat)."""
    from atsbridge.model import KINDS
    from atsbridge.plugins import discover
    from atsbridge.rules import list_kind_keys

    if markdown and as_json:
        raise click.UsageError("--markdown and --json are two forms: choose one")
    plugins = discover()
    kinds = plugins.rule_kinds()
    if markdown:
        click.echo(_page(plugins), nl=False)
    elif kind is None and as_json:
        from atsbridge.rules import pack_schema

        emit_plain_json(pack_schema(kinds))
    elif kind is None:
        rows = [(name, one.question) for name, one in kinds.items()]
        table(("kind of rule", "asks"), rows, empty="")
        click.echo(f"Kinds of records: {', '.join(KINDS)}.")
        click.echo("Add a kind of either to see more, for example interview.seat.")
    elif kind in kinds:
        lines = list_kind_keys(kinds[kind])
        if as_json:
            emit_json({"keys": lines})
        else:
            click.echo(kinds[kind].question)
            table(("key", "for example"), list(lines.items()), empty="It has no keys of its own.")
    else:
        _browse(kind, kinds, sorted(plugins.connectors().items()), as_json=as_json)


def _page(plugins: Plugins) -> str:
    """The page of docs: the built-in packs, and every connector that is installed."""
    from atsbridge.rules import discovery, load, render_page

    files = sorted(discovery.builtin_folder().glob("*.yaml"))
    found = load(discovery.texts(files, discovery.builtin_folder()), plugins.rule_kinds()).rules
    specs = [spec for _, spec in sorted(plugins.connectors().items())]
    return render_page(plugins.rule_kinds(), found.values(), specs)


def _browse(
    kind: str,
    kinds: Mapping[str, AnyRuleKind],
    connectors: list[tuple[str, ConnectorSpec]],
    *,
    as_json: bool,
) -> None:
    """Every path that a rule on this kind of record can read, and which ATS supplies it."""
    from dataclasses import asdict

    from atsbridge.rules import declared, list_fields, measure_column

    subject = _find_subject(kind, kinds)
    levels = {
        entry.path: {
            name: measure_column(declared(subject, entry.path), spec) for name, spec in connectors
        }
        for entry in list_fields(subject)
    }
    if as_json:
        plain = {path: {n: one.label for n, one in by.items()} for path, by in levels.items()}
        listed = [
            asdict(entry) | {"supplied_by": plain[entry.path]} for entry in list_fields(subject)
        ]
        emit_json({"fields": listed})
        return
    titles = {name: spec.title for name, spec in connectors}
    rows = [
        (
            entry.path,
            entry.type,
            entry.absent,
            entry.reader,
            _describe_suppliers(levels[entry.path], titles),
            entry.doc,
        )
        for entry in list_fields(subject)
    ]
    table(("path", "type", "absent", "who may read", "supplied by", "meaning"), rows, empty="")


def _find_subject(kind: str, kinds: Mapping[str, AnyRuleKind]) -> str:
    """The kind of record of that name. ConfigError where it is neither that nor a kind of rule."""
    from atsbridge.model import KINDS, suggest
    from atsbridge.rules import Mistake, subject_of

    subject = subject_of(kind)
    if isinstance(subject, Mistake):
        near = suggest(kind, (*kinds, *KINDS))
        remedy = f'Did you mean "{near}"?' if near else "See `atsbridge rules schema`"
        raise ConfigError(f"{kind!r} is not a kind of rule or record", remedy=remedy)
    return subject


def _describe_suppliers(levels: Mapping[str, CoverageLevel], titles: Mapping[str, str]) -> str:
    """ "Greenhouse, Lever", or "Lever, Greenhouse with mapping", or "nobody"."""
    known = sorted((level, titles[name]) for name, level in levels.items() if level.label != "no")
    suppliers = [title if not level else f"{title} {level.label}" for level, title in known]
    return ", ".join(suppliers) or "nobody"
