"""Notices as rows of their table, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from atsbridge.errors import ErrorCode
from atsbridge.model import (
    Chart,
    Destination,
    DropCode,
    DropReason,
    Hold,
    Key,
    Notice,
    NoticeError,
    NoticeState,
    NoticeText,
    Parameters,
    Purpose,
    RecipientCode,
    RecipientReason,
    read_parameters,
    sort_parameters,
    storable,
)
from atsbridge.store.database import dump, instant_or_none, load, ms_or_none

COLUMNS = (
    "key, account, case_number, rule, kind, id, destination, purpose, step, state, hold,"
    " drop_code, drop_params, error_code, error_text, departed, not_before, attempts, created_at,"
    " sent_at, receipt, headline, body, more_text, digest, answers, pair, summary_cases,"
    " replies, help_sent, handed_on, refused_edit, foreign_tag, edition"
)
NAMES = tuple(name.strip() for name in COLUMNS.split(","))


def _place(to: Destination) -> dict[str, Any]:
    found = {name: getattr(to, name) for name in Destination.__slots__}
    return {**found, "why": [[one.code.value, _storable_params(one)] for one in to.why]}


def _read_place(text: str) -> Destination:
    found = load(text)
    why = tuple(
        RecipientReason(RecipientCode(code), sort_parameters(read_parameters(params)))
        for code, params in found.pop("why", ())
    )
    return Destination(**found, why=why)


def make_row(notice: Notice) -> dict[str, Any]:
    """The columns of a notice; texts as both databases can hold them."""
    return {
        "key": notice.key,
        "account": notice.account,
        "case_number": notice.case,
        "rule": notice.rule,
        "kind": notice.subject.kind,
        "id": notice.subject.id,
        "destination": dump(_place(notice.destination)),
        "purpose": notice.purpose.value,
        "step": notice.step,
        "state": notice.state.value,
        "hold": notice.hold.value if notice.hold else None,
        **_drop_columns(notice.drop),
        "error_code": notice.error.code.value if notice.error else None,
        "error_text": storable(notice.error.text) if notice.error else None,
        "departed": int(notice.departed),
        "not_before": ms_or_none(notice.not_before),
        "attempts": notice.attempts,
        "created_at": ms_or_none(notice.created_at),
        "sent_at": ms_or_none(notice.sent_at),
        "receipt": dump(dict(notice.receipt)),
        "headline": storable(notice.text.headline) if notice.text else None,
        "body": storable(notice.text.body) if notice.text else None,
        "more_text": _more_text(notice.text),
        "digest": notice.digest,
        "answers": notice.answers,
        "pair": dump(list(notice.pair)) if notice.pair else "",
        "summary_cases": dump(list(notice.summary_cases)) if notice.summary_cases else "",
        **make_reply_columns(notice),
        "handed_on": int(notice.handed_on),
        "refused_edit": int(notice.refused_edit),
        "foreign_tag": int(notice.foreign_tag),
        "edition": notice.edition,
    }


def _drop_columns(drop: DropReason | None) -> dict[str, str | None]:
    if drop is None:
        return {"drop_code": None, "drop_params": None}
    params = _storable_params(drop)
    return {"drop_code": drop.code.value, "drop_params": dump(params) if params else ""}


def _storable_params(reason: Parameters) -> dict[str, str | list[str]]:
    """The parameters of a reason; texts as both databases can hold them."""
    return {
        name: storable(value) if isinstance(value, str) else [storable(one) for one in value]
        for name, value in reason.params
    }


def make_reply_columns(notice: Notice) -> dict[str, Any]:
    """The columns that tell which replies were read."""
    replies = [storable(one) for one in notice.replies]
    return {"replies": dump(replies) if replies else "", "help_sent": int(notice.help_sent)}


def _read_drop(code: str | None, params: str | None) -> DropReason | None:
    if code is None:
        return None
    return DropReason(DropCode(code), sort_parameters(read_parameters(load(params or "{}"))))


def _read_error(code: str | None, text: str | None) -> NoticeError | None:
    return None if code is None else NoticeError(ErrorCode(code), text or "")


def _more_text(text: NoticeText | None) -> str | None:
    """Hint, chart and parts as JSON; None where there is none."""
    if text is None or not (text.hint or text.chart or text.parts):
        return None
    return dump(_pack_more(text))


def _pack_more(text: NoticeText) -> dict[str, Any]:
    chart = text.chart
    drawn = chart and {
        "title": storable(chart.title),
        "categories": [storable(one) for one in chart.categories],
        "series": [[storable(name), list(values)] for name, values in chart.series],
    }
    parts = [[storable(one.headline), storable(one.body), _pack_more(one)] for one in text.parts]
    more = {"hint": storable(text.hint), "chart": drawn}
    return {**more, "parts": parts} if parts else more


def _read_text(headline: str | None, body: str | None, more: str | None) -> NoticeText | None:
    if headline is None:
        return None
    return _unpack_text(headline, body or "", load(more) if more else {})


def _unpack_text(headline: str, body: str, more: Mapping[str, Any]) -> NoticeText:
    drawn = more.get("chart")
    chart = drawn and Chart(
        drawn["title"],
        tuple(drawn["categories"]),
        tuple((name, tuple(values)) for name, values in drawn["series"]),
    )
    parts = tuple(_unpack_text(*one) for one in more.get("parts", ()))
    return NoticeText(headline, body, more.get("hint", ""), chart or None, parts)


def make_notice(row: Row[Any]) -> Notice:
    """The notice of a row with all `COLUMNS`."""
    return Notice(
        key=row.key,
        account=row.account,
        case=row.case_number,
        rule=row.rule,
        subject=Key(row.account, row.kind, row.id),
        destination=_read_place(row.destination),
        purpose=Purpose(row.purpose),
        step=row.step,
        state=NoticeState(row.state),
        hold=Hold(row.hold) if row.hold else None,
        drop=_read_drop(row.drop_code, row.drop_params),
        error=_read_error(row.error_code, row.error_text),
        departed=bool(row.departed),
        not_before=instant_or_none(row.not_before),
        attempts=row.attempts,
        created_at=instant_or_none(row.created_at),
        sent_at=instant_or_none(row.sent_at),
        receipt=load(row.receipt),
        text=_read_text(row.headline, row.body, row.more_text),
        digest=row.digest,
        answers=row.answers,
        pair=tuple(load(row.pair)) if row.pair else (),
        summary_cases=tuple(load(row.summary_cases)) if row.summary_cases else (),
        replies=tuple(load(row.replies)) if row.replies else (),
        help_sent=bool(row.help_sent),
        handed_on=bool(row.handed_on),
        refused_edit=bool(row.refused_edit),
        foreign_tag=bool(row.foreign_tag),
        edition=row.edition,
    )
