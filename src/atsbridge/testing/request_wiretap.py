"""Every request that a connector sends, as it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests.adapters


class Wire:
    """Every request that was sent, with its content. Requests to other hosts are not sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[requests.PreparedRequest, Any]] = []

    @property
    def hosts(self) -> set[str]:
        """The hosts of all requests."""
        return {str(request.url).split("/")[2] for request, _ in self.sent}


@contextmanager
def wiretap() -> Iterator[Wire]:
    """Record every request that `requests` sends."""
    wire = Wire()
    send = requests.adapters.HTTPAdapter.send

    def seen(adapter: Any, request: Any, *args: Any, **how: Any) -> Any:
        wire.sent.append((request, how.get("timeout")))
        return send(adapter, request, *args, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.adapters.HTTPAdapter, "send", seen)
        yield wire
