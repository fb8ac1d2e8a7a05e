"""Remove secrets, query strings and e-mail addresses from text before anybody reads it.

A secret is removed for as long as the process lives: a token that was renewed an hour ago may still
be valid.
"""

from __future__ import annotations

import json
import re
import threading
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from itertools import islice
from urllib.parse import quote, quote_plus

SEEN = 2000  # characters that are looked at: no message of ours quotes more than a tenth of it
_PLANT = 4  # shorter texts are no secrets, and hiding them would blacken half a sentence
_SHARED = 8  # from here on a text is hidden in all of the process, not in its session alone
_TOKENS = 5_000  # renewed ones that are remembered: hourly, 50 accounts for four days
_HIDDEN = "***"
_CUT = re.compile(r"\\?(?:…|\.\.\.|\Z)")  # where a text may have been cut before we saw it

# Each pattern has bounded repeats, so that its cost grows with the text and no faster.
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]{0,20}://"
_USER = re.compile(rf"({_SCHEME})[^\s/?#'\"@]{{1,300}}(?:@[^\s/?#'\"@]{{0,300}}){{0,3}}@")
_QUERY = re.compile(rf"({_SCHEME}[^\s?#'\"]{{0,500}})[?#][^\s'\"]*")
_HEADER = re.compile(r"\b((?:basic|bearer|token)\s{1,3})[A-Za-z0-9+/=_.~-]{8,}", re.IGNORECASE)
_MEMBER = re.compile(
    r"((?:passw(?:or)?d|pwd|secret|token|api[_-]?key|authorization|signature)\\?[\"']?"
    r"\s{0,3}(?:=|:|%3[AaDd])\s{0,3})(?:\\?[\"'](?:[^\"'\\]|\\.){0,4000}|[^\s\"'&,;})\]]{1,4000})",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[^\s@<>\"'/:?&=,;()\[\]{}]{1,64}(?:@|%40)[^\s@<>\"'/:?&=,;()\[\]{}]{1,253}")


class Secrets:
    """Texts to hide, in every form in which they may come back. Its repr shows none of them.

    `most`: how many renewed tokens are remembered; what was given as `lasting` always is.
    """

    def __init__(self, *lasting: str, most: int = _TOKENS) -> None:
        self._lock = threading.Lock()
        self._lasting: dict[str, tuple[str, ...]] = {}
        self._passing: dict[str, tuple[str, ...]] = {}
        self._most = most
        self.add(*lasting, lasting=True)

    def add(self, *more: str, lasting: bool = False) -> None:
        """Hide these texts too."""
        with self._lock:
            for text in more:
                if len(text) < _PLANT or text in self._lasting or text in self._passing:
                    continue
                (self._lasting if lasting else self._passing)[text] = tuple(_forms(text))
            over = len(self._passing) - self._most
            for text in list(islice(self._passing, max(over, 0))):
                del self._passing[text]

    def hide(self, text: str) -> str:
        """The text without these secrets, whole or cut off in their middle."""
        with self._lock:
            kept = [*self._lasting.values(), *self._passing.values()]
        known = [form for forms in kept for form in forms]
        for secret in sorted(known, key=len, reverse=True):
            if secret in text:
                text = text.replace(secret, _HIDDEN)
        for cut in reversed(list(_CUT.finditer(text))):
            half = max((_overlap(text, cut.start(), secret) for secret in known), default=0)
            if half:
                text = text[: cut.start() - half] + _HIDDEN + text[cut.start() :]
        return text

    def __repr__(self) -> str:
        return f"Secrets({len(self._lasting) + len(self._passing)})"


_PROCESS = Secrets()  # of every session and every setting of this process


def remember(*texts: str, lasting: bool = True) -> None:
    """Hide these texts in everything that this process shows from now on."""
    _PROCESS.add(*(text for text in texts if len(text) >= _SHARED), lasting=lasting)


def hide_known(text: str) -> str:
    """The text without the secrets that this process knows; the rest of the text stays."""
    return _PROCESS.hide(text)


def hide(text: str, own: Secrets | None = None) -> str:
    """The first SEEN characters of a foreign text, without secrets and addresses.

    Removed are the secrets that the process and `own` know, texts in places where secrets are
    written (user and query of an address, an Authorization header, a member named password or
    token), and e-mail addresses. A text that is cut loses its last word:
    it may be half a secret.
    """
    if len(text) > SEEN:
        text = text[:SEEN]
        end = max(text.rfind(at) for at in " \t\n\r")
        text = f"{text[: end if end > SEEN // 2 else SEEN]}…"
    text = _PROCESS.hide(text if own is None else own.hide(text))
    text = _USER.sub(r"\1", text)
    text = _QUERY.sub(rf"\1?{_HIDDEN}", text)
    text = _HEADER.sub(rf"\1{_HIDDEN}", text)
    text = _MEMBER.sub(rf"\1{_HIDDEN}", text)
    return _EMAIL.sub("(an e-mail address)", text)


def _forms(text: str) -> Iterator[str]:
    """A secret as it may be repeated: as it is, quoted for addresses or JSON, in base64."""
    quoted = quote(text, "")
    lower = re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), quoted)
    yield from {text, quoted, lower, quote_plus(text), quote(quoted, ""), json.dumps(text)[1:-1]}
    raw = text.encode("utf-8", "surrogatepass")
    for before in range(3):  # base64 of a longer text holds it at one of three places
        for coded in (b64encode, urlsafe_b64encode):
            whole = coded(b"\0" * before + raw).decode().rstrip("=")
            first, last = (before * 8 + 5) // 6, (before + len(raw)) * 8 // 6
            if last - first >= _SHARED:
                yield whole[first:last]


def _overlap(text: str, end: int, secret: str) -> int:
    """How many of a secret's first characters, but not all, stand before `end`; 0 under _PLANT."""
    start = max(0, end - len(secret) + 1)
    at = text.find(secret[:_PLANT], start, end)
    while at >= 0:
        if secret.startswith(text[at:end]):
            return end - at
        at = text.find(secret[:_PLANT], at + 1, end)
    return 0
