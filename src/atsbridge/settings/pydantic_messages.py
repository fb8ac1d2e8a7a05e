"""Turns pydantic's errors into plain sentences that say what to write instead.

pydantic's own wording is never shown. The types of error are those of pydantic-core:
https://docs.pydantic.dev/latest/errors/validation_errors/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from atsbridge.model import did_you_mean

_UNSPECIFIC = "this value cannot be used here: see the page of this setting"
_TEXT = "write text in quotes"
_LIST = 'write a list in square brackets, such as ["one", "two"]'
_TABLE = 'write a table of keys, such as {key = "value"}'
_TRUTH = "write true or false, without quotes"
_WHOLE = "write a whole number"
_NUMBER = "write a number"
_DATE = "write a day as year-month-day, such as 2026-12-24"
_TIME = "write a time of day, such as 09:30"
_INSTANT = "write a date and time with a zone, such as 2026-12-24T09:30:00Z"
_SPAN = "write a length of time, such as 00:30:00 or a number of seconds"
_ADDRESS = "write a whole address, such as https://host/path"

_EXACT = {
    "missing": "this key is needed",
    "extra_forbidden": "unknown key",
    "missing_keyword_only_argument": "this key is needed",
    "string_too_short": "write at least {min_length} characters",
    "string_too_long": "write at most {max_length} characters",
    "string_pattern_mismatch": "this must match the pattern {pattern}",
    "string_unicode": "this holds a character that is not valid text",
    "too_short": "name at least {min_length}",
    "too_long": "name at most {max_length}",
    "greater_than": "write a number above {gt}",
    "greater_than_equal": "write a number from {ge} on",
    "less_than": "write a number below {lt}",
    "less_than_equal": "write a number of at most {le}",
    "multiple_of": "write a multiple of {multiple_of}",
    "int_parsing_size": "this number is too large",
    "finite_number": _NUMBER,
    "none_required": "leave this key out",
    "is_instance_of": _UNSPECIFIC,
}
# By prefix of the error type; longer prefixes first.
_PREFIXES = (
    ("string_", _TEXT),
    ("tuple_", _LIST),
    ("list_", _LIST),
    ("set_", _LIST),
    ("frozen_set_", _LIST),
    ("iterable_", _LIST),
    ("dict_", _TABLE),
    ("mapping_", _TABLE),
    ("model_", _TABLE),
    ("dataclass_", _TABLE),
    ("bool_", _TRUTH),
    ("int_", _WHOLE),
    ("float_", _NUMBER),
    ("decimal_", _NUMBER),
    ("datetime_", _INSTANT),
    ("timezone_", _INSTANT),
    ("date_", _DATE),
    ("time_delta_", _SPAN),
    ("time_", _TIME),
    ("url_", _ADDRESS),
    ("ip_", "write an IP address or network"),
    ("uuid_", "write a UUID"),
    ("path_", "write a path in quotes"),
    ("bytes_", _TEXT),
)
_NAMES = "a name is lower case: a letter, then letters, digits and _"


def sentence(detail: Mapping[str, Any], value: Any) -> str:
    """One pydantic error as a plain sentence. `value`: the refused value; None if it is secret."""
    kind, context = detail["type"], detail.get("ctx") or {}
    if detail["loc"][-1:] == ("[key]",) and kind == "string_pattern_mismatch":
        return _NAMES
    if kind in ("value_error", "assertion_error"):
        return _own(context.get("error"))
    if kind in ("literal_error", "enum"):
        return _choice(str(context.get("expected", "")), value)
    if kind == "string_too_short" and context.get("min_length") == 1:
        return "this must not be empty"
    if kind in _EXACT:
        return _filled(_EXACT[kind], context)
    if kind not in _core_types():
        return str(detail["msg"])  # a custom error: the plugin's own sentence
    return next((text for begin, text in _PREFIXES if kind.startswith(begin)), _UNSPECIFIC)


def _own(error: Any) -> str:
    """The sentence of the validator's exception."""
    return " ".join(str(error or "").split()) or _UNSPECIFIC


def _choice(expected: str, value: Any) -> str:
    values = [part.strip().strip("'") for part in expected.replace(" or ", ", ").split(",")]
    values = [part for part in values if part]
    if isinstance(value, str):
        hint = did_you_mean(value, values, "write one of")
        return hint[:1].lower() + hint[1:]
    return f"write one of: {', '.join(values)}"


def _filled(text: str, context: Mapping[str, Any]) -> str:
    try:
        return text.format(**context)
    except (KeyError, IndexError):
        return _UNSPECIFIC


def _core_types() -> frozenset[str]:
    from pydantic_core.core_schema import ErrorType

    return frozenset(get_args(ErrorType))
