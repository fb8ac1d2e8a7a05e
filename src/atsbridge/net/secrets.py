"""Taking secrets, query strings and e-mail addresses out of text before anybody reads it.

Where secrets come from is `settings`' business; this only knows those it was given.
"""

from __future__ import annotations

import re
from urllib.parse import quote

_QUERY = re.compile(r"(https?://[^\s?#'\"]+)\?[^\s'\"]*")
_EMAIL = re.compile(r"[\w.+%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")  # a vendor's error may name one
_PLANT = 4  # shorter texts are no secrets, and hiding them would blacken half a sentence


class Secrets:
    """The secrets of one session. Its repr shows none of them."""

    def __init__(self, *known: str) -> None:
        self._known: tuple[str, ...] = ()
        self.add(*known)

    def add(self, *more: str) -> None:
        """Know these too. The newest sixteen are kept: tokens come and go."""
        forms = {form for text in more if len(text) >= _PLANT for form in (text, quote(text, ""))}
        kept = [text for text in self._known if text not in forms]
        self._known = (*kept, *sorted(forms))[-16:]

    def hide(self, text: str) -> str:
        """The text without known secrets, query strings of addresses, and people's e-mail."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, "***")
        return _EMAIL.sub("(an e-mail address)", _QUERY.sub(r"\1?***", text))

    def __repr__(self) -> str:
        return f"Secrets({len(self._known)})"
