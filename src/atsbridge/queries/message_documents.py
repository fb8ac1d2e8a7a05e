"""JSON about messages before they are sent. Instants are ISO 8601 in UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypedDict

from atsbridge.model import Purpose

if TYPE_CHECKING:
    from atsbridge.queries.message_preview import RulePreview
    from atsbridge.queries.rehearsals import RehearsedNotice, RenderedMessage


class MessageDocument(TypedDict):
    """A message in the form of one kind of sink."""

    form: Annotated[str, "the kind of sink, such as slack"]
    headline: str
    body: str
    facts: Annotated[dict[str, str], "label -> value"]
    why: Annotated[
        str, "why the rule exists and why this reader gets it; empty if they were told before"
    ]
    hint: Annotated[str, "how to answer"]
    intro: Annotated[str, "what atsbridge is, in a person's first message"]
    link: Annotated[str | None, "the page in the ATS"]
    tone: Annotated[str, "ahead, due, late, done or glad"]
    buttons: Annotated[list[str], "the labels of its buttons; empty where the sink has none"]
    text: Annotated[str, "all of it as its reader sees it"]


class RehearsedDocument(TypedDict):
    """What would happen to a notice."""

    rules: Annotated[
        list[str], "its rule; for a daily summary all its rules; empty for other summaries"
    ]
    subjects: Annotated[list[str], "account/kind/id"]
    purpose: Purpose
    step: Annotated[int | None, "the place of the step in the rule, from 0"]
    at: Annotated[str, "when it would be sent"]
    sink: str
    to: Annotated[str, "an e-mail address, a channel or a place in the ATS"]
    why: Annotated[str, "why this recipient"]
    digest: Annotated[bool, "whether it is a line of the daily summary"]
    mark: Annotated[str, "the tag or field that is set in place of a message; may be empty"]
    reason: Annotated[str, "why nothing would be sent; empty if something would"]
    messages: Annotated[list[MessageDocument], "the form of its own sink first"]


class PreviewedSubjectDocument(TypedDict):
    """A subject of a rule with its messages."""

    subject: Annotated[str, "account/kind/id"]
    about: str
    state: Annotated[str, "the state of the verdict"]
    reason: Annotated[str, "why, in words"]
    case: int | None
    remark: Annotated[str, "who handled or silenced the case, until when and why"]
    notices: list[RehearsedDocument]


class RulePreviewDocument(TypedDict):
    """The messages of a rule on one account."""

    rule: str
    account: str
    status: str
    personal: Annotated[bool, "about a person, so that nobody else may read its messages"]
    unnamed: Annotated[bool, "whether names of candidates are not stored yet"]
    unreadable: Annotated[list[str], "unknown fields, without which some cannot be evaluated"]
    looked_at: Annotated[dict[str, int], "state -> subjects that were evaluated"]
    subjects: list[PreviewedSubjectDocument]


class RulePreviewList(TypedDict):
    """Previews, by account."""

    previews: list[RulePreviewDocument]


def convert_rehearsed(one: RehearsedNotice) -> RehearsedDocument:
    """Convert what would happen to a notice."""
    from atsbridge.presentation import describe_recipient

    first = one.notices[0]
    return {
        "rules": list(dict.fromkeys(notice.rule for notice in one.notices if notice.rule)),
        "subjects": [str(notice.subject) for notice in one.notices],
        "purpose": first.purpose,
        "step": None if one.digest or first.step < 0 else first.step,
        "at": one.at.isoformat(),
        "sink": one.to.sink,
        "to": one.to.address,
        "why": describe_recipient(one.to),
        "digest": one.digest,
        "mark": one.mark,
        "reason": one.reason,
        "messages": [_convert_message(rendered) for rendered in one.rendered],
    }


def convert_preview(preview: RulePreview) -> RulePreviewDocument:
    """Convert the messages of a rule."""
    from atsbridge.presentation import describe

    return {
        "rule": preview.rule.id,
        "account": preview.account,
        "status": preview.rule.status,
        "personal": preview.personal,
        "unnamed": preview.unnamed,
        "unreadable": list(preview.unreadable),
        "looked_at": {str(state): count for state, count in preview.looked_at.items()},
        "subjects": [
            {
                "subject": str(one.explanation.verdict.subject),
                "about": one.explanation.about,
                "state": one.explanation.verdict.state,
                "reason": describe(one.explanation.verdict.reason),
                "case": one.explanation.case.number if one.explanation.case else None,
                "remark": one.explanation.handling,
                "notices": [convert_rehearsed(notice) for notice in one.notices],
            }
            for one in preview.subjects
        ],
    }


def _convert_message(rendered: RenderedMessage) -> MessageDocument:
    message = rendered.message
    return {
        "form": rendered.kind,
        "headline": message.headline,
        "body": message.body,
        "facts": dict(message.facts),
        "why": message.why,
        "hint": message.hint,
        "intro": message.intro,
        "link": message.link,
        "tone": message.tone,
        "buttons": [button.label for button in message.buttons],
        "text": rendered.text,
    }
