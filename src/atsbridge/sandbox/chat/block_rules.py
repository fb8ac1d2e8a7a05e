"""The rules of Block Kit as Slack checks them: blocks, elements and their lengths.

Numbers: Slack's reference of Block Kit (50 blocks a message; section text 3000, ten fields of
2000; header 150; ten context elements; button text 75, value 2000, URL 3000; IDs 255).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_BLOCKS, _SECTION, _FIELDS, _FIELD, _HEADER = 50, 3000, 10, 2000, 150
_CHART_TITLE, _CHART_LABEL, _CHART_POINTS, _CHART_SERIES = 50, 20, 20, 6
_OPTIONS, _OPTION, _PLACEHOLDER = 100, 150, 150
_CONTEXT, _ACTIONS, _BUTTON, _VALUE, _URL, _ID, _IMAGE = 10, 25, 75, 2000, 3000, 255, 2000


def find_block_errors(blocks: Any) -> Iterator[str]:
    """Every error that Slack would report, in the form of response_metadata."""
    if not isinstance(blocks, list):
        yield "[ERROR] blocks must be an array"
        return
    if len(blocks) > _BLOCKS:
        yield f"[ERROR] no more than {_BLOCKS} items allowed [json-pointer:/blocks]"
    seen: set[str] = set()
    for number, block in enumerate(blocks):
        where = f"/blocks/{number}"
        if not isinstance(block, dict):
            yield _error("must be an object", where)
            continue
        name = block.get("block_id")
        if name is not None and (not isinstance(name, str) or len(name) > _ID or name in seen):
            yield _error("`block_id` must be unique and at most 255 characters", where)
        seen.add(str(name))
        check = _CHECKS.get(str(block.get("type")))
        if check is None:
            yield _error(f"unsupported type: {block.get('type')}", where)
        else:
            yield from check(block, where)


def _error(what: str, where: str) -> str:
    return f"[ERROR] {what} [json-pointer:{where}]"


def _text(value: Any, most: int, where: str, kinds: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("type") not in kinds:
        yield _error(f"must be a text object of type {' or '.join(kinds)}", where)
        return
    text = value.get("text")
    if not isinstance(text, str) or not text:
        yield _error("must be more than 0 characters", f"{where}/text")
    elif len(text) > most:
        yield _error(f"must be less than {most + 1} characters", f"{where}/text")
    for key in value.keys() - {"type", "text", "emoji", "verbatim"}:
        yield _error(f"additional property: {key}", where)


_ANY, _PLAIN = ("mrkdwn", "plain_text"), ("plain_text",)


def _section(block: Mapping[str, Any], where: str) -> Iterator[str]:
    fields = block.get("fields", [])
    if "text" not in block and not fields:
        yield _error("missing required field: text or fields", where)
    if "text" in block:
        yield from _text(block["text"], _SECTION, f"{where}/text", _ANY)
    if not isinstance(fields, list) or len(fields) > _FIELDS:
        yield _error(f"no more than {_FIELDS} items allowed", f"{where}/fields")
        return
    for number, field in enumerate(fields):
        yield from _text(field, _FIELD, f"{where}/fields/{number}", _ANY)
    if "accessory" in block:
        yield from _element(block["accessory"], f"{where}/accessory")


def _header(block: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from _text(block.get("text"), _HEADER, f"{where}/text", _PLAIN)


def _context(block: Mapping[str, Any], where: str) -> Iterator[str]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= _CONTEXT:
        yield _error(f"1 to {_CONTEXT} items required", f"{where}/elements")
        return
    for number, element in enumerate(elements):
        place = f"{where}/elements/{number}"
        if isinstance(element, dict) and element.get("type") == "image":
            yield from _element(element, place)
        else:
            yield from _text(element, _FIELD, place, _ANY)


def _actions(block: Mapping[str, Any], where: str) -> Iterator[str]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= _ACTIONS:
        yield _error(f"1 to {_ACTIONS} items required", f"{where}/elements")
        return
    actions = [one.get("action_id") for one in elements if isinstance(one, dict)]
    if len(set(actions) - {None}) < len([one for one in actions if one is not None]):
        yield _error("`action_id` must be unique in its block", f"{where}/elements")
    for number, element in enumerate(elements):
        yield from _element(element, f"{where}/elements/{number}")


def _element(element: Any, where: str) -> Iterator[str]:
    kind = element.get("type") if isinstance(element, dict) else None
    if kind == "button":
        yield from _text(element.get("text"), _BUTTON, f"{where}/text", _PLAIN)
        for key, most in (("url", _URL), ("value", _VALUE), ("action_id", _ID)):
            if len(str(element.get(key, ""))) > most:
                yield _error(f"must be less than {most + 1} characters", f"{where}/{key}")
        if element.get("style") not in (None, "primary", "danger"):
            yield _error("must be primary or danger", f"{where}/style")
    elif kind == "static_select":
        yield from _select(element, where)
    elif kind == "image":
        yield from _image(element, where)
    else:
        yield _error(f"unsupported type: {kind}", where)


def _select(element: Mapping[str, Any], where: str) -> Iterator[str]:
    """A menu: 1 to 100 options of 75 characters, with values of 150."""
    yield from _text(element.get("placeholder"), _PLACEHOLDER, f"{where}/placeholder", _PLAIN)
    options = element.get("options")
    if not isinstance(options, list) or not 1 <= len(options) <= _OPTIONS:
        yield _error(f"1 to {_OPTIONS} items required", f"{where}/options")
        return
    for number, option in enumerate(options):
        place = f"{where}/options/{number}"
        yield from _text(option.get("text"), _BUTTON, f"{place}/text", _ANY)
        if not 1 <= len(str(option.get("value", ""))) <= _OPTION:
            yield _error(f"must have 1 to {_OPTION} characters", f"{place}/value")


def _image(block: Mapping[str, Any], where: str) -> Iterator[str]:
    if not block.get("image_url") or not block.get("alt_text"):
        yield _error("missing required field: image_url or alt_text", where)
    if len(str(block.get("alt_text", ""))) > _IMAGE:
        yield _error(f"must be less than {_IMAGE + 1} characters", f"{where}/alt_text")


def _chart(block: Mapping[str, Any], where: str) -> Iterator[str]:
    """Lines over the same categories (docs.slack.dev: data visualization block)."""
    title, chart = block.get("title"), block.get("chart")
    if not isinstance(title, str) or not 1 <= len(title) <= _CHART_TITLE:
        yield _error(f"must have 1 to {_CHART_TITLE} characters", f"{where}/title")
    if not isinstance(chart, dict) or chart.get("type") not in ("line", "bar", "area"):
        yield _error("must be a line, bar or area chart", f"{where}/chart")
        return
    labels = (chart.get("axis_config") or {}).get("categories")
    series = chart.get("series")
    if not isinstance(labels, list) or not 1 <= len(labels) <= _CHART_POINTS:
        yield _error(f"1 to {_CHART_POINTS} items required", f"{where}/chart/axis_config")
        return
    if any(not isinstance(one, str) or not 1 <= len(one) <= _CHART_LABEL for one in labels):
        yield _error(f"at most {_CHART_LABEL} characters", f"{where}/chart/axis_config/categories")
    if not isinstance(series, list) or not 1 <= len(series) <= _CHART_SERIES:
        yield _error(f"1 to {_CHART_SERIES} items required", f"{where}/chart/series")
        return
    for number, one in enumerate(series):
        place = f"{where}/chart/series/{number}"
        if not 1 <= len(str(one.get("name") or "")) <= _CHART_LABEL:
            yield _error(f"must have 1 to {_CHART_LABEL} characters", f"{place}/name")
        points = one.get("data") or []
        if [point.get("label") for point in points] != labels:
            yield _error("labels must be the categories", f"{place}/data")
        if not all(isinstance(point.get("value"), int | float) for point in points):
            yield _error("values must be numbers", f"{place}/data")


def _divider(_block: Mapping[str, Any], _where: str) -> Iterator[str]:
    return iter(())


_CHECKS = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "divider": _divider,
    "data_visualization": _chart,
}
