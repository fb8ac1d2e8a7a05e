"""The command line: thin commands; errors become exit codes.

What a command does is `run`'s and `app`'s; this package reads arguments and prints.
"""

from __future__ import annotations

import gc
import importlib
import sys
from pathlib import Path

import click

from atsbridge import __version__
from atsbridge.errors import AtsbridgeError, ConfigError

FAILED, WRONG, HELD, LOCKED = 1, 2, 3, 4  # exit codes; 0 is fine

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
    "run": "atsbridge.cli.tick",
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
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(WRONG)
    except AtsbridgeError as error:
        click.echo(f"atsbridge: {error}", err=True)
        sys.exit(WRONG if isinstance(error, ConfigError) else FAILED)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away: nothing to say, nobody to hear it
        sys.exit(FAILED)
