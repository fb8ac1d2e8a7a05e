"""The help of every command, on a narrow terminal."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from atsbridge.cli import cli

_NARROW = 60


def _contexts(
    command: click.Command, parent: click.Context | None = None
) -> Iterator[click.Context]:
    context = click.Context(command, info_name=command.name, parent=parent, terminal_width=_NARROW)
    yield context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from _contexts(found, context)


_ALL = list(_contexts(cli))


@pytest.mark.parametrize("context", _ALL, ids=lambda one: one.command_path)
def test_every_line_fits(context: click.Context) -> None:
    assert [line for line in context.get_help().splitlines() if len(line) > _NARROW] == []


@pytest.mark.parametrize(
    "context",
    [one for one in _ALL if isinstance(one.command, click.Group)],
    ids=lambda one: one.command_path,
)
def test_no_summary_is_cut(context: click.Context) -> None:
    """A list of commands has the whole first sentence of each."""
    text = " ".join(context.get_help().split())
    assert isinstance(context.command, click.Group)
    for name in context.command.list_commands(context):
        command = context.command.get_command(context, name)
        assert command is not None
        assert f"{name} {command.get_short_help_str(limit=1000)}" in text


@pytest.mark.parametrize("context", _ALL, ids=lambda one: one.command_path)
def test_every_option_is_described(context: click.Context) -> None:
    options = [one for one in context.command.params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []
    assert context.command.help
