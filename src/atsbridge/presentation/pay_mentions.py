"""Whether a text of a brief may name pay, which only some destinations may read.

A brief is free text. The section on the market is about pay; any other text is taken to name pay
where a figure stands beside a currency, or beside a word for pay.
"""

from __future__ import annotations

import re
from typing import Any

MAY_NAME_PAY = "Not shown here, because it may name pay."
PAY_SECTIONS = frozenset({"market_expectations"})
_PAY_NAME = re.compile(r"pay|salar|wage|compensation|budget|bonus|equity", re.IGNORECASE)
_FIGURE = r"\d[\d.,\u00a0\u202f ]*(?:k|m|mio|lakh|lpa)?"
# Symbols, and codes of currencies in upper case as people write them: EUR, US$, CHF.
_CURRENCY = r"(?:[$€£¥₹₺₩₪₫₱₴]|\b[A-Z]{3}\b)"
_NAMES = r"(?:pay|salar\w*|wage\w*|compensation|budget|bonus\w*|package|ote|tc)"
_MENTIONS = re.compile(
    rf"{_CURRENCY}\s*{_FIGURE}|{_FIGURE}\s*{_CURRENCY}"
    rf"|(?i:\b{_NAMES}\b[^\d\n]{{0,40}}\d|\d[^\n]{{0,40}}\b{_NAMES}\b)"
    rf"|\b\d{{2,4}}\s?[kK]\b"
)


def mentions_pay(section: str, value: Any) -> bool:
    """Whether the section, or what is written in it, may name pay."""
    if section in PAY_SECTIONS or _PAY_NAME.search(section):
        return True
    texts = value if isinstance(value, list | tuple) else [value]
    return any(_MENTIONS.search(str(text)) for text in texts if text)
