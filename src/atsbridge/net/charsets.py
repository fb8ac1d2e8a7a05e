"""The charset of an answer: what is not UTF-8 becomes UTF-8, or is refused.

JSON is UTF-8 by its standard (RFC 8259), whatever `Content-Type` says; some servers send it in
another charset nevertheless, and declare that.
"""

from __future__ import annotations

import json
import re
from encodings import normalize_encoding
from encodings.aliases import aliases

import requests
from urllib3.exceptions import HTTPError

from atsbridge.net.json_body import clean_json
from atsbridge.net.transport import read_body

_DECLARED = re.compile(r"""charset\s*=\s*["']?([\w.:+-]{1,40})""", re.ASCII | re.IGNORECASE)
_UTF8 = frozenset({"", "utf_8", "utf_8_sig", "utf8_mb4"})
# Servers write these of their own accord, also where the text is UTF-8.
_DEFAULTS = frozenset({"latin_1", "cp1252", "ascii"})
# Python's name of a charset -> the codec that reads it. Vendors mean the larger one, as browsers do
# (encoding.spec.whatwg.org). The set is closed: a codec such as "unicode_escape" is no charset, and
# each unknown name would stay in Python's memory.
_LARGER = {
    "latin_1": "cp1252",
    "ascii": "cp1252",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "x_sjis": "cp932",
    "windows_31j": "cp932",
    "tis_620": "cp874",
}
_READ = {
    *(f"cp{number}" for number in (866, 874, 932, 949, *range(1250, 1259))),
    *(f"iso8859_{number}" for number in (*range(2, 12), *range(13, 17))),
    *("koi8_r", "koi8_u", "mac_roman", "gb18030", "big5hkscs", "euc_jp", "iso2022_jp"),
}


class CharsetError(HTTPError):
    """The text does not fit the declared charset, or the charset is unknown."""


def read_text(answer: requests.Response, most: int) -> bytes:
    """The body as clean UTF-8. Raises CharsetError for a good answer, and what `read_body` does."""
    body = read_body(answer, most)
    try:
        body = to_utf8(body, declared_charset(answer.headers.get("Content-Type", "")))
    except CharsetError:
        if answer.ok:
            raise
    return clean_json(body)


def declared_charset(content_type: str) -> str:
    """Python's name of the charset that a `Content-Type` declares; "" if it declares none."""
    found = _DECLARED.search(content_type) if content_type else None
    name = normalize_encoding(found[1].lower()) if found else ""
    return aliases.get(name, name)


def to_utf8(body: bytes, charset: str) -> bytes:
    """The body as UTF-8. `charset`: as `declared_charset` names it.

    UTF-16 and UTF-32 are recognized by their first bytes. CharsetError if the text cannot be read
    for certain. A body that is UTF-8 by its declaration, or without one, is returned as it came.
    """
    if body[:1] in (b"\0", b"\xff", b"\xfe") or b"\0" in body[1:4]:
        return body.decode(json.detect_encoding(body[:4]), "replace").encode()
    if charset in _UTF8:
        return body
    codec = _LARGER.get(charset, charset)
    if codec not in _READ or charset in _DEFAULTS:
        if b"\0" not in body and _is_utf8(body):
            return body
        if codec not in _READ:
            raise CharsetError
    try:
        return body.decode(codec).encode()
    except UnicodeError:
        raise CharsetError from None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
