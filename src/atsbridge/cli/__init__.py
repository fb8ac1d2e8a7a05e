"""The command line: thin commands that read arguments and print; errors become exit codes."""

from __future__ import annotations

import gc
import importlib
import io
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atsbridge import __version__
from atsbridge.cli import terminal
from atsbridge.cli.options import CommandGroup
from atsbridge.cli.output import PRINTED, emit_json
from atsbridge.errors import AtsbridgeError, ConfigError
from atsbridge.timesource import stop

if TYPE_CHECKING:
    from atsbridge.cli.documents import ErrorDocument

FAILED, WRONG, HELD, LOCKED = 1, 2, 3, 4  # exit codes; 0: everything worked
INTERRUPTED = 130  # the exit code of shells after Ctrl-C

# Each command is imported when it is called, so that a run from cron starts fast.
_COMMANDS = {
    "cases": "atsbridge.cli.cases",
    "demo": "atsbridge.cli.demo",
    "doctor": "atsbridge.cli.doctor",
    "explain": "atsbridge.cli.explain",
    "forget": "atsbridge.cli.forget",
    "init": "atsbridge.cli.init",
    "intake": "atsbridge.cli.intake",
    "listen": "atsbridge.cli.listen",
    "mcp": "atsbridge.cli.mcp",
    "new": "atsbridge.cli.new",
    "notices": "atsbridge.cli.notices",
    "people": "atsbridge.cli.people",
    "plan": "atsbridge.cli.plan",
    "plugins": "atsbridge.cli.plugins",
    "report": "atsbridge.cli.report",
    "rules": "atsbridge.cli.rules",
    "run": "atsbridge.cli.run",
    "sandbox": "atsbridge.cli.sandbox",
    "serve": "atsbridge.cli.serve",
    "status": "atsbridge.cli.status",
    "store": "atsbridge.cli.store_care",
    "sync": "atsbridge.cli.sync",
    "record": "atsbridge.cli.record",
    "webhooks": "atsbridge.cli.webhooks",
    "weekly": "atsbridge.cli.weekly",
    "worker": "atsbridge.cli.worker",
}


class _Commands(CommandGroup):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(_COMMANDS[cmd_name]), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Invoke the command. Ctrl-C ends every wait of every thread."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            stop()
            sys.exit(_report("interrupted", INTERRUPTED))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar="ATSBRIDGE_CONFIG",
    default=Path("atsbridge.toml"),
    show_default=True,
    help="The settings file.",
)
@click.version_option(__version__, prog_name="atsbridge")
@click.pass_context
def cli(context: click.Context, config: Path) -> None:
    """Remind recruiters and hiring managers of what they owe each other, from your ATS data."""
    context.obj = config


def main() -> None:
    """The entry point. An error that the user can correct is one line on stderr.

    The garbage collector is off while modules are loaded, which saves a fifth of a short run. Long
    commands turn it on again. pydantic's plugins are off because it would look for them in every
    installed distribution, once in each run.
    """
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    terminal.prepare()
    code = _flush(_call())
    if code == INTERRUPTED and threading.active_count() > 1:
        os._exit(code)  # a thread still waits for a response; locks end with the process
    sys.exit(code)


def _call() -> int:
    """Run the command and return its exit code; errors are printed."""
    PRINTED.any = False
    try:
        cli(standalone_mode=False)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else FAILED if stop.code else 0
    except (click.Abort, KeyboardInterrupt):
        return _report("interrupted", INTERRUPTED)
    except click.ClickException as error:
        with io.StringIO() as text:
            error.show(file=text)
            click.echo(text.getvalue().rstrip(), err=True)
        return _document(error.format_message(), WRONG)
    except BrokenPipeError:
        terminal.give_up()  # the reader of our output closed it
        return FAILED
    except terminal.OutputError as error:
        terminal.give_up()
        return _fail(str(error), FAILED)
    except AtsbridgeError as error:
        code = WRONG if isinstance(error, ConfigError) else FAILED
        return _report(_with_lost_folder(str(error)), code)
    except ImportError as error:
        from atsbridge.installation import repair_advice, unmet_requirements

        if not unmet_requirements():
            raise  # a bug, of ours or of a plugin: its traceback says more than a line
        return _report(f"{error}. {repair_advice()}", WRONG)
    except OSError as error:
        file = f"{error.filename}: " if error.filename else ""
        what = f"{file}{error.strerror or type(error).__name__}"
        return _report(_with_lost_folder(what), FAILED)
    return 0


def _with_lost_folder(what: str) -> str:
    """The error, and its likely cause if the current folder was deleted or may not be read."""
    try:
        Path.cwd()
    except OSError:
        return (
            f"{what}. The current folder is not there any more: change to another one, or give"
            " whole paths (--config too)"
        )
    return what


def _report(what: str, code: int) -> int:
    """Print the error of a command: on stderr, and as its document if it was to print JSON."""
    return _document(what, _fail(what, code))


def _document(what: str, code: int) -> int:
    """Print an `ErrorDocument` where the command was called with `--json` and printed nothing."""
    if "--json" in sys.argv[1:] and not PRINTED.any:
        with suppress(AtsbridgeError, OSError):
            from atsbridge.net import hide_known

            document: ErrorDocument = {"error": hide_known(what), "exit_code": code}
            emit_json(document)
    return code


def _fail(what: str, code: int) -> int:
    """Print one line on stderr, if possible, and return the code."""
    with suppress(AtsbridgeError, OSError):
        from atsbridge.net import hide_known

        click.echo(f"atsbridge: {hide_known(what)}", err=True)
    return code


def _flush(code: int) -> int:
    """Write all output; return the code, or FAILED if the output cannot be written."""
    try:
        terminal.flush()
    except BrokenPipeError:
        terminal.give_up()
        return code or FAILED
    except AtsbridgeError as error:
        terminal.give_up()
        return _fail(str(error), code or FAILED)
    return code
