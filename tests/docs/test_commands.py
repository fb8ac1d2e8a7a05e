"""Commands, options and make targets on pages exist; every command is listed and has help."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from atsbridge.cli import cli

from .pages import PAGES, ROOT, code

_MENTION = re.compile(r"(?:^|[\s/'\"(])atsbridge((?: +[^\s|;&#`]+)+)")


def commands(group: click.Group, *names: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its full name, groups included."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*names, name), command
        if isinstance(command, click.Group):
            yield from commands(command, *names, name)


ALL = dict(commands(cli))


def mistakes(text: str) -> Iterator[str]:
    """What is wrong with a mentioned command line: an unknown command or option."""
    words = [word.strip("\"',.:)(") for word in text.split()]
    command: click.Command = cli
    options = _options(cli)
    path: tuple[str, ...] = ()
    for place, word in enumerate(words):
        if word.startswith("-"):
            option = word.partition("=")[0]
            if option not in options and option not in ("--help", "-h", "--version", "-"):
                yield f"atsbridge {' '.join(path)} has no {option}"
        elif isinstance(command, click.Group) and (*path, word) in ALL:
            path = (*path, word)
            command = ALL[path]
            options |= _options(command)
        elif command is cli and words[place - 1] != "--config":
            yield f"there is no command {word!r}"
            return
        elif isinstance(command, click.Group) and command.name == "intake":
            options |= _options(ALL[("intake", "show")])
        elif isinstance(command, click.Group) and path and word.islower():
            yield f"atsbridge {' '.join(path)} has no command {word!r}"
            return


def _options(command: click.Command) -> set[str]:
    return {name for param in command.params for name in param.opts + param.secondary_opts}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_on_pages_exist(page: Path) -> None:
    """A reader who copies a command gets no usage error."""
    wrong = [
        fault
        for line in code(page)
        for mention in _MENTION.findall(line)
        if mention.split()[0].islower() or mention.split()[0].startswith("-")
        for fault in mistakes(mention)
    ]
    assert wrong == []


def test_planted_mistakes_are_found() -> None:
    """An unknown command, an unknown subcommand's option, and an unknown option."""
    assert list(mistakes("runs --dry-run"))
    assert list(mistakes("run --dry"))
    assert list(mistakes("notices replay --ded"))
    assert list(mistakes("notices replai --dead"))
    assert not list(mistakes("--config x.toml notices replay --dead --dry-run"))


def _sentences(tree: ast.Module) -> Iterator[str]:
    """The texts of a module; what stands in braces of an f-string is "X"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(getattr(part, "value", "X")) if isinstance(part, ast.Constant) else "X"
                for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _unknown(sentences: Iterator[str]) -> list[str]:
    """Mistakes in the command lines that stand between backticks."""
    return [
        f"{fault} ({line})"
        for text in sentences
        for line in re.findall(r"`atsbridge ([^`]+)`", text)
        if not line.startswith("X")
        for fault in mistakes(line)
    ]


def test_commands_in_messages_exist() -> None:
    """Whoever follows the remedy of an error or the advice of a message gets no usage error."""
    files = [*ROOT.glob("src/**/*.py"), *ROOT.glob("plugins/*/src/**/*.py")]
    wrong = {
        str(file.relative_to(ROOT)): found
        for file in files
        if (found := _unknown(_sentences(ast.parse(file.read_text("utf-8")))))
    }
    assert wrong == {}
    planted = ast.parse('f"Run `atsbridge {name} --x`, or `atsbridge notices replai {key}`."')
    assert len(_unknown(_sentences(planted))) == 1


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_make_targets_on_pages_exist(page: Path) -> None:
    """`make x` names a target."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {m for line in code(page) for m in re.findall(r"(?:^|\s)make ([a-z-]+)\b", line)}
    assert named - targets == set()


@pytest.mark.parametrize("name", [name for name in ALL if len(name) == 1], ids=" ".join)
def test_every_command_is_in_the_readme(name: tuple[str, ...]) -> None:
    """The table of commands is complete."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"| `atsbridge {name[0]}" in readme


@pytest.mark.parametrize("name", ALL, ids=" ".join)
def test_help_is_one_plain_sentence_or_more(name: tuple[str, ...]) -> None:
    """Every command and every option says what it does; options end with a period."""
    command = ALL[name]
    first = (command.help or "").strip().split("\n\n")[0]
    assert first
    assert first[0].isupper()
    assert first.endswith(".")
    for param in command.params:
        if isinstance(param, click.Option):
            assert param.help, param.name
            assert param.help.endswith("."), param.name
