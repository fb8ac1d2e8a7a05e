"""`atsbridge serve` as a process: it starts, says why it cannot, and ends in order."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from tests.server.conftest import SERVE, TOKEN, opened


@pytest.fixture
def config(tmp_path: Path) -> Path:
    with opened(tmp_path):
        return tmp_path / "atsbridge.toml"


def start(config: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "atsbridge", "--config", str(config), "serve", *more]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_order(config: Path, sent: signal.Signals) -> None:
    """At once, with exit code 0, after an open connection and a page."""
    process = start(config, "--bind", "127.0.0.1:0")
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        address = re.search(r"http://\S+:\d+", line)
        assert address is not None, line
        with requests.Session() as session:
            page = session.get(
                f"{address[0]}/", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20
            )
            assert page.status_code == 200
            process.send_signal(sent)
            _, rest = process.communicate(timeout=20)
        assert process.returncode == 0, rest
        assert rest.endswith("Stopped.\n")
    finally:
        process.kill()


def test_a_port_in_use_is_one_line(config: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start(config, "--bind", f"127.0.0.1:{port}")
        _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in said
    assert "--bind" in said
    assert len(said.splitlines()) <= 2


@pytest.mark.parametrize(
    ("serve", "words"),
    [
        ("[serve]\nops = []\n", "neither a token nor a user header is set"),
        ('[serve]\ntoken_file = "none"\n', "none"),
        ('[serve]\ntoken_command = ["false"]\n', "false"),
        ('[serve]\ntoken_command = ["echo", "short"]\n', "at least 20"),
        ('[serve]\ntoken = "short"\n', "at least 20"),
        ('[serve]\nuser_header = "X-Email"\n', "no proxy is named"),
        ('[serve]\nproxies = ["10.0.0.0/8"]\nuser_header = "X"\n', "one address"),
        ('[serve]\nbind = "8080"\n', "a host and a port"),
        (SERVE + 'token_file = "x"\n', "both token and token_file are set"),
    ],
)
def test_settings_that_cannot_work_are_one_error(config: Path, serve: str, words: str) -> None:
    """With its place, and without the token."""
    config.write_text(config.read_text("utf-8").replace(SERVE, "\n" + serve), "utf-8")
    process = start(config)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert words in said
    assert TOKEN not in said
