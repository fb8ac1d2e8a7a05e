"""The command line: thin commands; errors become exit codes.

What a command does is `run`'s and `app`'s; this package reads arguments and prints.
"""

from __future__ import annotations

import gc
import importlib
import io
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from atsbridge import __version__
from atsbridge.cli import terminal
from atsbridge.errors import AtsbridgeError, ConfigError
from atsbridge.timesource import stop

FAILED, WRONG, HELD, LOCKED = 1, 2, 3, 4  # exit codes; 0 is fine
INTERRUPTED = 130  # as shells say of what Ctrl-C ended

# Each command is imported when it is called: a tick from cron must not pay for the others.
_COMMANDS = {
    "cases": "atsbridge.cli.cases",
    "demo": "atsbridge.cli.demo",
    "doctor": "atsbridge.cli.doctor",
    "explain": "atsbridge.cli.explain",
    "forget": "atsbridge.cli.forget",
    "intake": "atsbridge.cli.intake",
    "new": "atsbridge.cli.new",
    "notices": "atsbridge.cli.notices",
    "plan": "atsbridge.cli.plan",
    "plugins": "atsbridge.cli.plugins",
    "rules": "atsbridge.cli.rules",
    "run": "atsbridge.cli.run",
    "sandbox": "atsbridge.cli.sandbox",
    "sync": "atsbridge.cli.sync",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(_COMMANDS[cmd_name]), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """The command; Ctrl-C ends every wait of every thread, and says so itself."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            stop()
            sys.exit(_said("interrupted", INTERRUPTED))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar="ATSBRIDGE_CONFIG",
    default=Path("atsbridge.toml"),
    show_default=True,
    help="The configuration file.",
)
@click.version_option(__version__, prog_name="atsbridge")
@click.pass_context
def cli(context: click.Context, config: Path) -> None:
    """The promises between recruiter and hiring manager, kept by clocks over your ATS."""
    context.obj = config


def main() -> None:
    """The entry point. Errors a person can mend are one line each on stderr.

    While modules are loaded nothing becomes garbage: looking for it costs a short tick a fifth
    of its time. `run.tick` starts the collector again, as do commands that live long.
    """
    gc.disable()
    terminal.prepare()
    code = _written(_called())
    if code == INTERRUPTED and threading.active_count() > 1:
        os._exit(code)  # a thread still waits for an answer; locks end with the process
    sys.exit(code)


def _called() -> int:
    """The exit code of the command, whatever became of it."""
    try:
        cli(standalone_mode=False)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else FAILED if stop.code else 0
    except (click.Abort, KeyboardInterrupt):
        return _said("interrupted", INTERRUPTED)
    except click.ClickException as error:
        with io.StringIO() as text:
            error.show(file=text)
            click.echo(text.getvalue().rstrip(), err=True)
        return WRONG
    except BrokenPipeError:
        terminal.give_up()  # the reader of our output went away: nothing to say, nobody to hear it
        return FAILED
    except terminal.OutputError as error:
        terminal.give_up()
        return _said(str(error), FAILED)
    except AtsbridgeError as error:
        return _said(str(error), WRONG if isinstance(error, ConfigError) else FAILED)
    except ImportError as error:
        from atsbridge.installation import repair_advice, unmet_requirements

        if not unmet_requirements():
            raise  # a fault of ours, or of a plugin: its traceback says more than a line
        return _said(f"{error}. {repair_advice()}", WRONG)
    except OSError as error:
        file = f"{error.filename}: " if error.filename else ""
        return _said(f"{file}{error.strerror or type(error).__name__}", FAILED)
    return 0


def _said(what: str, code: int) -> int:
    """The code, after the line for it; without the line where nobody can read it."""
    with suppress(AtsbridgeError, OSError):
        from atsbridge.net import hide_known

        click.echo(f"atsbridge: {hide_known(what)}", err=True)
    return code


def _written(code: int) -> int:
    """The code, or FAILED where what was printed cannot be written after all."""
    try:
        terminal.flush()
    except BrokenPipeError:
        terminal.give_up()
        return code or FAILED
    except AtsbridgeError as error:
        terminal.give_up()
        return _said(str(error), code or FAILED)
    return code
