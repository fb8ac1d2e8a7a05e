"""What reaches a terminal: our own lines, in letters it has, and nothing that steers it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.cli import output, terminal
from atsbridge.cli.terminal import CheckedStream, FilteredStream, OutputError
from atsbridge.model.clean_text import clean, printable
from atsbridge.sandbox.http.fake_server import FakeServer, Response
from atsbridge.timesource import SystemTime

# ESC, a C1 introducer, bidi override, isolate, tag, half a pair, bell, carriage return, BOM.
STEERING = "\x1b[31m\x9b2J\u202e\u2067\U000e0041\ud800\x07\r\ufeff\x00\u2028"
LIMITS = f"printf limits; exec {sys.executable} -m atsbridge"


def _atsbridge(*words: str, shell: str = "", **more: Any) -> subprocess.CompletedProcess[str]:
    command = f'exec "{sys.executable}" -m atsbridge {" ".join(words)} {shell}'
    env = {**os.environ, **more.pop("env", {})}
    run = subprocess.run(
        ["sh", "-c", command], capture_output=True, env=env, timeout=60, check=False, **more
    )
    return subprocess.CompletedProcess(
        run.args, run.returncode, run.stdout.decode("latin-1"), run.stderr.decode("latin-1")
    )


def test_nothing_that_steers_a_terminal_passes_the_door() -> None:
    """Through click and rich, in tables and lines, on both streams; lines and tabs stay."""
    assert printable(f"a{STEERING}b\n\tc") == "a[31m2Jb\n\tc"
    assert clean(f"a{STEERING}b\nc") == "a[31m2J b c"
    shown = io.StringIO()
    FilteredStream(CheckedStream(shown)).write(f"one\ntwo {STEERING}three\n")
    assert not set(shown.getvalue()) & set(STEERING.replace("[31m", "").replace("2J", ""))
    assert shown.getvalue().count("\n") == 2


def test_what_rich_prints_passes_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in a cell, a title and a plain line; only our own styles steer."""
    from rich.panel import Panel
    from rich.text import Text

    shown = io.StringIO()
    monkeypatch.setattr(sys, "stdout", FilteredStream(CheckedStream(shown)))
    out = output.console()
    out.print(Panel(Text(f"kim {STEERING}"), title=Text(f"t {STEERING}")))
    out.print(f"plain {STEERING}", markup=False)
    output.table(("who",), [(f"kim {STEERING}\nsecond",)], empty="")
    assert "\x1b" not in shown.getvalue()
    assert "\x9b" not in shown.getvalue()
    assert "\u202e" not in shown.getvalue()
    assert "second" in shown.getvalue()


def test_json_stays_json_and_steers_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """What it holds is read back as it was."""
    value = {"name": f"José {STEERING}\n", "n": [1, None]}
    output.emit_json(value)
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"version": 1, **value}
    assert printable(printed) == printed
    assert "José" in printed


def test_columns_stay_on_one_line() -> None:
    """A name with a line break in it begins no line of its own."""
    assert output.one_line("  yes     a: b\r\nhistory\u2028x") == "  yes     a: b historyx"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "utf-8"])
def test_letters_a_terminal_lacks_are_written_with_those_it_has(encoding: str) -> None:
    """Names lose their accents rather than the command its output."""
    terminal.codecs.register_error(terminal.PLAIN, terminal.replace_letters)
    plain = "José … – “x” → 日 \ud800".encode(encoding, terminal.PLAIN).decode(encoding)
    assert plain.endswith("?")
    if encoding == "ascii":
        assert plain == 'Jose ... - "x" -> ? ?'


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1"},
    ],
)
def test_no_command_stumbles_over_an_ascii_terminal(sandbox: Any, env: dict[str, str]) -> None:
    """Tables with their frames, plans, help: exit code 0 and no traceback."""
    world = sandbox.world
    for words in (["cases"], ["cases", "list", "--json"], ["plan"]):
        run = _atsbridge(*world.words(*words), env=env)
        assert "Traceback" not in run.stderr, words
        assert run.returncode in (0, 1, 3), (words, run.stderr)
        assert run.stdout
        if "--json" in words:
            json.loads(run.stdout)


@pytest.fixture
def help_of_explain() -> list[str]:
    return ["explain", "-h"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_device_is_one_line(help_of_explain: list[str]) -> None:
    """Not a traceback at the write, nor one when Python ends."""
    for words in (help_of_explain, ["--version"]):
        run = _atsbridge(*words, shell=">/dev/full")
        assert run.returncode == 1
        line = "the output cannot be written: No space left on device"
        assert run.stderr == f"atsbridge: {line}. Nothing else was changed by that\n"


def test_a_closed_output_is_one_line(help_of_explain: list[str]) -> None:
    """Its number is not given to the next file either."""
    run = _atsbridge(*help_of_explain, shell=">&-")
    assert run.returncode == 1
    assert run.stderr.count("\n") == 1
    assert "the output cannot be written" in run.stderr


def test_a_reader_that_left_is_no_trouble(help_of_explain: list[str]) -> None:
    """`atsbridge … | head -0` says nothing."""
    run = _atsbridge(*help_of_explain, shell="| true")
    assert run.stderr == ""


def test_both_outputs_may_be_closed(help_of_explain: list[str]) -> None:
    """Nobody to tell: the exit code does."""
    run = _atsbridge(*help_of_explain, shell=">&- 2>&-")
    assert run.returncode == 1


def test_output_errors_are_ours() -> None:
    """Whatever the system says of the stream, but a reader that left."""

    class Broken(io.StringIO):
        def __init__(self, error: OSError) -> None:
            super().__init__()
            self._error = error

        def write(self, text: str) -> int:
            raise self._error

    for error in (OSError(28, "x"), OSError(), PermissionError(13, "x")):
        with pytest.raises(OutputError, match="cannot be written"):
            CheckedStream(Broken(error)).write("x")
    with pytest.raises(BrokenPipeError):
        CheckedStream(Broken(BrokenPipeError(32, "x"))).write("x")


def test_a_picture_that_cannot_be_written_is_one_line(sandbox: Any, tmp_path: Path) -> None:
    """A missing folder, and one that is a file."""
    world = sandbox.world
    sandbox.tick()
    number = json.loads(world.call("cases", "list", "--all", "--json").out)["cases"][0]["number"]
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "no" / "clock.svg", tmp_path / "file" / "clock.svg"):
        told = world.call("explain", str(number), "--svg", str(place))
        assert told.code == 2
        assert str(place) in told.err
        assert "the picture cannot be written" in told.err
        assert told.err.count("\n") == 1


def test_dependencies_say_nothing(tmp_path: Path) -> None:
    """Warnings, logs and errors nobody caught, at import and later: stderr stays ours."""
    (tmp_path / "noisy_dependency.py").write_text(
        textwrap.dedent(
            """
            import logging, warnings
            warnings.warn("planted: old", DeprecationWarning, stacklevel=1)
            warnings.warn("planted: user", UserWarning, stacklevel=1)
            logging.getLogger("urllib3").warning("planted: log")
            logging.getLogger("noisy").error("planted: error")
            class Late:
                def __del__(self): raise ValueError("planted: late")
            Late()
            warnings.simplefilter("always")
            warnings.warn("planted: always", ResourceWarning, stacklevel=1)
            """
        )
    )
    script = "import sys, click; from atsbridge import cli\n" + textwrap.dedent(
        """
        @click.command()
        def noisy():
            import noisy_dependency
            click.echo("ours", err=True)
        real = cli.cli.get_command
        cli.cli.get_command = lambda ctx, name: noisy if name == "noisy" else real(ctx, name)
        sys.argv = ["atsbridge", "noisy"]
        cli.main()
        """
    )
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}:{':'.join(sys.path)}"}
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, capture_output=True, text=True, env=env, timeout=60, check=False)
    assert run.stderr == "ours\n"
    assert run.returncode == 0
    asked = {**env, "PYTHONWARNINGS": "default"}
    run = subprocess.run(
        command, capture_output=True, text=True, env=asked, timeout=60, check=False
    )
    assert "planted: old" in run.stderr, "whoever asks for warnings gets them"


@contextmanager
def _started(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A script in a process of its own that waits by now; it is gone at the end."""
    command = [sys.executable, "-c", script, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            if process.stdout.readline() != "waiting\n":
                pytest.fail(f"the script did not come to its wait: {process.stderr.read()}")
            yield process
        finally:
            process.kill()


_WAITING = """
import sys, threading
from types import SimpleNamespace
from atsbridge import cli
import click
from atsbridge.net import HttpSession
from atsbridge.tick.runner import _run_together
from atsbridge.timesource import SystemTime

def one(how):
    if how == "retry":
        HttpSession("acme", sys.argv[2], time=SystemTime()).get("/busy")
    elif how == "silent":
        HttpSession("acme", sys.argv[2], time=SystemTime()).get("/silent")
    else:
        SystemTime().sleep(60)

@click.command()
@click.argument("url")
def waits(url):
    print("waiting", flush=True)
    _run_together(one, ["sleep", "retry", "silent"], 8)

real = cli.cli.get_command
cli.cli.get_command = lambda ctx, name: waits if name == "waits" else real(ctx, name)
cli.main()
"""


def test_ctrl_c_ends_every_wait_at_once() -> None:
    """A rate limit, a time-out and a host that says nothing: 130 and one line, within seconds."""
    asked = threading.Semaphore(0)

    def app(request: Any) -> Response:
        asked.release()
        return Response(429, {}, headers={"Retry-After": "60"})

    with FakeServer(app, time=SystemTime()) as server:
        server.faults.add("/silent", None, hang=True)
        with _started(_WAITING, "waits", server.url) as process:
            assert asked.acquire(timeout=30), "the one that is told to wait has asked"
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=30)  # half of what the server asks to wait
    assert process.returncode == 130
    assert err == "atsbridge: interrupted\n"


def test_a_wait_of_the_main_thread_ends_too() -> None:
    """Where there is no account's thread."""
    script = (
        "import sys, click; from atsbridge import cli\n"
        "from atsbridge.timesource import SystemTime\n"
        "@click.command()\n"
        "def waits():\n"
        "    print('waiting', flush=True)\n"
        "    SystemTime().sleep(60)\n"
        "cli.cli.get_command = lambda ctx, name: waits\n"
        "sys.argv = ['atsbridge', 'waits']\n"
        "cli.main()\n"
    )
    with _started(script) as process:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "atsbridge: interrupted\n")


def test_a_screen_answers_what_click_and_rich_ask() -> None:
    """Whether it is a terminal, its encoding, whether bytes may be written."""
    screen = FilteredStream(CheckedStream(io.StringIO()))
    assert not screen.isatty()
    assert screen.writable()
    with pytest.raises(TypeError):
        screen.write(b"")  # type: ignore[arg-type]
    assert SimpleNamespace(unfiltered=screen.unfiltered).unfiltered.errors is None
