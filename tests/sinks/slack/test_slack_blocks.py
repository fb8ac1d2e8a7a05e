"""How a message looks in Block Kit, and that text of others stays text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from atsbridge.model.notice import Message
from atsbridge.presentation.reply_buttons import CASE_BUTTONS
from atsbridge.sandbox.chat.block_rules import find_block_errors
from atsbridge.sinks.slack.block_preview import preview_blocks
from atsbridge.sinks.slack.slack_blocks import blocks, escape, fallback

MESSAGE = Message(
    key="k1",
    headline="Interview feedback is late",
    body="Feedback for B.K. (Data Engineer) was due Mon 9 Mar, 16:00.",
    facts=(("Waiting on", "you since Friday"), ("Stage", "Onsite")),
    why="The candidate waits and memory fades.",
    link="https://app.greenhouse.io/people/7",
    link_text="Open in Greenhouse",
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("R&D <!channel>", "R&amp;D &lt;!channel&gt;"),
        ("<@U123> <#C1|general>", "&lt;@U123&gt; &lt;#C1|general&gt;"),
        ("<https://evil.example|Open>", "&lt;https://evil.example|Open&gt;"),
        ("&lt;!here&gt;", "&amp;lt;!here&amp;gt;"),
        ("*bold* ~gone~ `code`", "∗bold∗ ∼gone∼ ˋcodeˋ"),
        ("_slanted_ but team_lead", "ˍslantedˍ but team_lead"),
        ("@everyone stays words", "@everyone stays words"),
    ],
)
def test_text_of_others_cannot_speak_slack(text: str, shown: str) -> None:
    """No mention, link, channel or markup survives in mrkdwn."""
    assert escape(text) == shown


def test_a_message_is_header_sentence_facts_a_link_and_small_print() -> None:
    """The blocks in their order. No button: without interactivity it warns whoever clicks it."""
    made = blocks(
        replace(MESSAGE, hint="Reply *seen* or *done*. *why* explains.", intro="This is atsbridge.")
    )
    assert made == [
        {
            "type": "header",
            "text": {"type": "plain_text", "text": "Interview feedback is late", "emoji": False},
        },
        {
            "type": "section",
            "text": {
                "type": "plain_text",
                "text": "Feedback for B.K. (Data Engineer) was due Mon 9 Mar, 16:00.",
                "emoji": False,
            },
        },
        {
            "type": "context",
            "elements": [
                {
                    "type": "mrkdwn",
                    "text": "*Waiting on* you since Friday   ·   *Stage* Onsite",
                    "verbatim": True,
                }
            ],
        },
        {
            "type": "section",
            "text": {
                "type": "mrkdwn",
                "text": "<https://app.greenhouse.io/people/7|Open in Greenhouse>",
                "verbatim": True,
            },
        },
        {
            "type": "context",
            "elements": [
                {
                    "type": "plain_text",
                    "text": "The candidate waits and memory fades.",
                    "emoji": False,
                }
            ],
        },
        {
            "type": "context",
            "elements": [
                {
                    "type": "mrkdwn",
                    "text": "Reply *seen* or *done*. *why* explains.",
                    "verbatim": True,
                }
            ],
        },
        {
            "type": "context",
            "elements": [{"type": "plain_text", "text": "This is atsbridge.", "emoji": False}],
        },
    ]


def test_the_notification_says_it_in_one_line() -> None:
    """Headline and sentence, escaped, without line breaks."""
    message = Message(key="k", headline="Late: R&D", body="One\ntwo")
    assert fallback(message) == "Late: R&amp;D. One two"


def test_over_long_text_is_cut_with_a_count() -> None:
    """Slack's limits hold, and the reader sees how much is missing."""
    long = Message(key="k", headline="h" * 200, body="b" * 4000, facts=(("Role", "<" * 300),))
    header, section, facts = blocks(long)
    assert header["text"]["text"].endswith("… (+69 characters)")
    assert len(header["text"]["text"]) <= 150
    assert section["text"]["text"].endswith("… (+1020 characters)")
    assert len(section["text"]["text"]) <= 3000
    assert len(facts["elements"][0]["text"]) < 2000
    assert len(fallback(long)) < 4000


def test_a_digest_is_lists_below_bold_titles() -> None:
    """Its lines stay whole, in as many sections as they need; text of others stays text."""
    lines = [f"• B.K., Engineer {n} of *R&D* {'x' * 150}" for n in range(40)]
    body = "\n".join(["For <you> to do:", *lines, "", "Good to know:", "• C.D."])
    sections = blocks(Message(key="k", headline="Today", body=body))[1:]
    assert sections[0]["text"] == {
        "type": "mrkdwn", "text": "*For &lt;you&gt; to do:*", "verbatim": True,
    }  # fmt: skip
    plain = [one["text"]["text"] for one in sections if one["text"]["type"] == "plain_text"]
    assert "\n".join(plain).split("\n") == [*lines, "• C.D."]
    assert max(map(len, plain)) <= 3000
    assert sections[-2]["text"]["text"] == "*Good to know:*"


def test_a_body_never_takes_more_blocks_than_a_message_has() -> None:
    """What is over is counted."""
    body = "\n".join(f"Title {n}:\n• line" for n in range(100))
    made = blocks(Message(key="k", headline="Today", body=body, facts=(("a", "b"),), why="w"))
    assert len(made) < 50
    assert "… and 180 lines more" in [b.get("text", {}).get("text") for b in made]


def test_each_line_of_a_digest_has_its_link() -> None:
    """Beside the line, which stays text; a line without a page, or with one too long, has none."""
    body = "For you to do:\n• R&D <!channel> *x*\n• B.K.\n• C.D."
    pages = ("https://ats.example/1?a=1&b=2", "", f"https://ats.example/{'x' * 2000}")
    title, lines = blocks(Message(key="k", headline="Today", body=body, links=pages))[1:]
    assert title["text"]["text"] == "*For you to do:*"
    assert lines["text"] == {
        "type": "mrkdwn",
        "text": "• R&amp;D &lt;!channel&gt; ∗x∗ <https://ats.example/1?a=1&amp;b=2|Open>"
        "\n• B.K.\n• C.D.",
        "verbatim": True,
    }


def test_long_lines_with_links_keep_slacks_limits() -> None:
    """Escaping makes them longer; none is empty, none is over."""
    lines = [f"• {'&' * 1500} {n}" for n in range(30)]
    made = blocks(
        Message(
            key="k",
            headline="Today",
            body="\n".join(lines),
            links=tuple(f"https://ats.example/{n}" for n in range(30)),
        )
    )
    assert not list(find_block_errors(made))


def test_no_section_is_empty() -> None:
    """Slack refuses a message for one."""
    assert [one["type"] for one in blocks(Message(key="k", headline="h", body=""))] == ["header"]


def test_buttons_are_valid_blocks_and_shown_in_a_preview() -> None:
    """One block with a button for each reply and a menu; a preview shows the labels."""
    made = blocks(replace(MESSAGE, buttons=CASE_BUTTONS))
    assert list(find_block_errors(made)) == []
    (actions,) = [one for one in made if one["type"] == "actions"]
    assert [one["type"] for one in actions["elements"]] == [
        "button",
        "static_select",
        "button",
        "button",
        "button",
    ]
    assert "[Seen]   [Snooze]   [Not me]   [Done]   [Why?]" in preview_blocks(made)
    assert "actions" not in {one["type"] for one in blocks(MESSAGE)}
