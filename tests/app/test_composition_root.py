"""The composition root: what it opens, it opens once and closes."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from atsbridge.app.composition_root import _OpenOnce

PATIENCE = 0.3  # seconds in which a second thread could open another one


class Opened:
    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_threads_that_need_the_same_sink_share_one() -> None:
    """The second waits for the first, and everything that was opened is closed."""
    opened: list[Opened] = []
    first, second = threading.Event(), threading.Event()

    def open_one(_name: str) -> Opened:
        opened.append(one := Opened())
        (first if len(opened) == 1 else second).set()
        second.wait(PATIENCE)
        return one

    sinks = _OpenOnce(open_one)
    with ThreadPoolExecutor(2) as pool:
        begun = pool.submit(sinks.get, "slack")
        assert first.wait(10)
        also = pool.submit(sinks.get, "slack")
        assert begun.result() is also.result()
    sinks.close()
    assert [one.closed for one in opened] == [True]


def test_what_could_not_be_opened_is_tried_again() -> None:
    """A secret that was missing may be there the next time."""
    missing = [True]

    def open_one(_name: str) -> Opened:
        if missing.pop() if missing else False:
            raise OSError("no secret")
        return Opened()

    sinks = _OpenOnce(open_one)
    try:
        sinks.get("slack")
    except OSError:
        assert sinks.get("slack") is sinks.get("slack")
    else:
        raise AssertionError("the first try fails")
