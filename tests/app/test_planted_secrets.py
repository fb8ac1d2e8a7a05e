"""Each connector's secrets, planted in its settings, then looked for in reprs, errors and logs."""

from __future__ import annotations

import base64
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from atsbridge.app.composition_root import open_services
from atsbridge.context.run_failure import FailureCode, RunFailure
from atsbridge.errors import SourceError
from atsbridge.net.http_session import HttpSession
from atsbridge.net.oauth_token import ClientCredentials
from atsbridge.tick.reports.journal import Journal

LISTS = {"acme": "/v3/jobs", "globex": "/v1/postings"}
SECRET = {"acme": "client_secret", "globex": "api_key"}


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(40, both=True)
    yield made
    made.close()


def everything_of(root: object) -> list[object]:
    """The object and all of our own objects that it leads to."""
    found: dict[int, object] = {}
    todo = [root]
    while todo:
        one = todo.pop()
        if id(one) in found:
            continue
        if isinstance(one, Mapping):
            todo += one.values()
        elif isinstance(one, list | tuple | set | frozenset):
            todo += one
        elif type(one).__module__.startswith("atsbridge"):
            found[id(one)] = one
            todo += getattr(one, "__dict__", {}).values()
            slots = [name for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ())]
            todo += [getattr(one, name) for name in slots if hasattr(one, name)]
        elif callable(one) and hasattr(one, "__self__"):
            todo.append(one.__self__)
    return list(found.values())


def hidden(world: Any, account: str, parts: list[object]) -> dict[str, str]:
    """What must not be seen of the account: name -> text."""
    settings = world.standing.fakes[account].settings
    secret = settings[SECRET[account]]
    pair = f"{settings['client_id']}:{secret}" if account == "acme" else f"{secret}:"
    tokens = {one._token for one in parts if isinstance(one, ClientCredentials)}
    return {
        "secret": secret,
        "log-in": base64.b64encode(pair.encode()).decode().rstrip("="),
        **{f"token {number}": token for number, token in enumerate(tokens)},
    }


def failed(connector: Any, account: str, world: Any, body: object) -> SourceError:
    """The error of a list whose host answers with what it was sent."""
    faults = world.standing.fakes[account].server.faults
    faults.add(LISTS[account], None, status=422, body=body)
    name = LISTS[account].rpartition("/")[2]
    stream = next(one for one in connector.spec.streams if one.name == name)
    with pytest.raises(SourceError) as caught:
        list(connector.pages(stream))
    faults.clear()
    return caught.value


@pytest.mark.parametrize("account", LISTS)
def test_a_connector_shows_none_of_its_secrets(world: Any, account: str) -> None:
    """Not in the repr of any part of it, in an error with all that hangs on it, or in the log."""
    secret = world.standing.fakes[account].settings[SECRET[account]]
    with open_services(world.config) as app:
        connector = app.open_connector(account)
        with suppress(SourceError):
            list(connector.check())  # a token is there now
        told = f"no such key: {secret}"
        error = failed(connector, account, world, {"message": told, "errors": [told]})
        journal = Journal(world.folder / "log", world.standing.clock, "run1")
        journal.warning("fail", str(error))
        journal._failure(
            account, RunFailure(error.where, error.what, error.remedy, FailureCode.OTHER)
        )
        parts = everything_of([connector, app])
        texts = {f"{type(one).__name__} {place}": repr(one) for place, one in enumerate(parts)}
        texts["bound method"] = repr(connector.pages)
        texts["error"] = "".join(traceback.format_exception(error)) + repr(error)
        texts["log"] = journal.path.read_text("utf-8")
        secrets = hidden(world, account, parts)
        leaks = [
            (where, what)
            for where, text in texts.items()
            for what, value in secrets.items()
            if value in text
        ]
    assert leaks == []
    assert any(isinstance(one, HttpSession) for one in parts)
    assert len(secrets) == (3 if account == "acme" else 2)
    assert all(len(value) >= 8 for value in secrets.values())
    assert len(texts) > 10
    assert journal.problem == ""
    assert "422" in texts["log"]
