"""A source that misbehaves: one message that names account, stream and remedy; the rest goes on."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

Harm = Callable[[Any], None]
NETWORK = "Check base_url, the port, and this machine's network and firewall"
PAGE = "Check base_url, and whether a proxy or log-in page stands between"


def secret(sandbox: Any) -> None:
    sandbox.rewrite(sandbox.fake("acme").settings["client_secret"], "another-secret")


def key(sandbox: Any) -> None:
    sandbox.rewrite(sandbox.fake("globex").settings["api_key"], "another-key")


def scope(sandbox: Any) -> None:
    said = {"message": "Token lacks the scope harvest:scorecards:list"}
    sandbox.fake("acme").server.faults.add("/v3/scorecards", None, status=403, body=said)


def dead(sandbox: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = sandbox.fake("globex").settings["base_url"]
    sandbox.rewrite(base, re.sub(r":\d+", f":{port}", base))


def fault(account: str, path: str, **how: Any) -> Harm:
    def harm(sandbox: Any) -> None:
        sandbox.fake(account).server.faults.add(path, None, **how)

    return harm


SOURCES = {
    "wrong secret": (
        secret,
        (
            "acme/users: refused the credential (401). Check client_id and client_secret of account"
            " acme (a rotated secret ends within a week)"
        ),
    ),
    "wrong key": (
        key,
        (
            "globex/users: refused the credential (401): Invalid API key. Make a key at"
            " https://hire.lever.example under Settings, Integrations and API, API Credentials,"
            " and set api_key of account globex"
        ),
    ),
    "missing scope": (
        scope,
        (
            "acme/scorecards: does not allow this (403): Token lacks the scope"
            " harvest:scorecards:list. Give the credential the scope harvest:scorecards:list"
            " (Configure > Dev Center > API Credential Management), and let it act as its own"
            " service user or as a Site Admin"
        ),
    ),
    "dead host": (
        dead,
        (
            "globex/users, stages, archive_reasons and N more: cannot be reached: the connection"
            f" was refused. {NETWORK}"
        ),
    ),
    "429 storm": (
        fault("acme", "/v3/", status=429, body={}, headers={"Retry-After": "30"}),
        (
            "acme/users, offices, departments and N more: asks to wait (429: rate limit)."
            " The next run tries again"
        ),
    ),
    "500s": (
        fault("acme", "/v3/(jobs|offers)$", status=500, body={"message": "Internal error"}),
        (
            "acme/jobs, offers: has a fault of its own (500): Internal error."
            " The next run tries again"
        ),
    ),
    "web page": (
        fault("acme", "/v3/applications", html=True),
        f"acme/applications: answered with a web page instead of JSON. {PAGE}",
    ),
    "web page for a token": (
        fault("acme", "/token", html=True),
        (
            "acme/users, offices, departments and N more: answered with a web page instead of"
            f" JSON. {PAGE}"
        ),
    ),
    "truncated": (
        fault("acme", "/v3/applications", truncate=True),
        "acme/applications: sent an answer that breaks off. The next run tries again",
    ),
    "dropped": (
        fault("globex", "/v1/opportunities$", drop=True),
        (
            "globex/opportunities: dropped the connection before it answered."
            " The next run tries again"
        ),
    ),
}


@pytest.mark.parametrize("what", SOURCES)
def test_a_source_that_fails_is_told_in_one_line(what: str, sandbox: Any) -> None:
    """Where, what and what to do; exit 1; the other account is read; nothing stored is lost."""
    harm, text = SOURCES[what]
    harm(sandbox)
    account = re.split("[/:]", text)[0]
    other = "globex" if account == "acme" else "acme"
    before = {name: sandbox.kept(name) for name in (account, other)}
    outcome = sandbox.tick()
    assert (outcome.code, outcome.out, sandbox.told(outcome)) == (1, "", text + "\n")
    assert sandbox.read_now(other)
    assert not sandbox.read_now(account)
    for name, kept in before.items():
        assert all(sandbox.kept(name)[table] >= count for table, count in kept.items())


def test_a_host_without_an_address_is_told(sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host name nobody knows: what to check, and the other account is read."""
    look_up = socket.getaddrinfo

    def asked(host: Any, *rest: Any, **more: Any) -> Any:
        if str(host).endswith(".invalid"):  # as RFC 6761 has every resolver answer
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", asked)
    monkeypatch.setattr(
        "atsbridge.app.composition_root.SystemTime", lambda: sandbox.world.standing.clock
    )
    base = sandbox.fake("globex").settings["base_url"]
    sandbox.rewrite(base, "https://ats.invalid/v1")
    sandbox.world.configure(lambda text: re.sub(r"clock_file = .*\n", "", text))
    outcome = sandbox.world.call("run")
    assert sandbox.told(outcome) == (
        "globex/users, stages, archive_reasons and N more: has no address: the host name could"
        " not be looked up. Check base_url and this machine's DNS\n"
    )
    assert outcome.code == 1
    assert sandbox.read_now("acme")


@pytest.fixture
def untrusted(certificate: Path) -> Iterator[str]:
    """The address of an https server whose certificate nobody signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                wire, _ = listener.accept()
            except OSError:
                return
            with wire, suppress(OSError), context.wrap_socket(wire, server_side=True) as safe:
                safe.recv(1)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_a_certificate_nobody_signed_is_told(sandbox: Any, untrusted: str) -> None:
    """Nothing is sent to a server that cannot be trusted, and the way out is named."""
    base = sandbox.fake("globex").settings["base_url"]
    sandbox.rewrite(base, f"{untrusted}/v1")
    outcome = sandbox.tick()
    assert sandbox.told(outcome) == (
        "globex/users, stages, archive_reasons and N more: shows a TLS certificate this machine"
        " does not trust. Check base_url, or name the company's CA file in REQUESTS_CA_BUNDLE\n"
    )
    assert outcome.code == 1
    assert sandbox.read_now("acme")


def test_ops_hear_once_of_the_rules_that_are_silent_for_it(sandbox: Any) -> None:
    """A list that may not be read any more: one word to ops, and none at the next tick."""

    def words() -> list[str]:
        said = sandbox.world.standing.slacks["slack_acme"].messages("recruiting-ops")
        return [str(one) for one in said if "Reminders of" in str(one)]

    before = len(words())
    sandbox.fake("acme").server.faults.add("/v3/scorecards", None, status=403)
    sandbox.tick()
    (said,) = words()[before:]
    assert "feedback-late" in said
    sandbox.tick()
    assert len(words()) == before + 1
