"""Layouts: a customer's own come first; one with a mistake costs its looks, never the message."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from atsbridge.model.notice import Message
from atsbridge.sinks.mail.mail_message import html, text
from atsbridge.sinks.mail.mail_templates import Layouts
from atsbridge.sinks.message_blocks import BodyPart, parts

MESSAGE = Message(
    key="8f21c0",
    headline="Feedback <is> late",
    body="For you to do:\n• B.K.: feedback\n• A.M.: decision\n\nThat is all.",
    facts=(("Waiting on", "R&D"),),
    link="https://app.greenhouse.io/people/7?a=1&b=2",
)


def own(folder: Path, name: str, template: str) -> Layouts:
    (folder / name).write_text(template, "utf-8")
    return Layouts(folder)


def test_a_customers_template_comes_first(tmp_path: Path) -> None:
    """HTML is escaped, plain text is not; a layout they have none of stays ours."""
    layouts = own(tmp_path, "mail.html", "<i>{{ headline }}</i>{{ facts[0][1] }}")
    assert html(MESSAGE, layouts).text == "<i>Feedback &lt;is&gt; late</i>R&amp;D"
    assert text(MESSAGE, layouts).text == text(MESSAGE).text
    assert text(MESSAGE, layouts).text.startswith("Feedback <is> late\n\nFor you to do:")


def test_a_template_is_read_like_every_file_of_people(tmp_path: Path) -> None:
    """With a byte order mark; another encoding is told with line and column; none from outside."""
    (tmp_path / "mail.html").write_bytes(b"\xef\xbb\xbf{{ headline }}")
    assert html(MESSAGE, Layouts(tmp_path)).text == "Feedback &lt;is&gt; late"
    (tmp_path / "mail.html").write_bytes(b"a\r\nb\xe9")
    filled = html(MESSAGE, Layouts(tmp_path))
    assert filled.text == html(MESSAGE).text
    assert "mail.html:2:2: this file is not UTF-8 text: it looks like Windows-1252" in filled.fault
    (tmp_path / "inner").mkdir()
    outside = own(tmp_path / "inner", "mail.html", "{% include '../mail.html' %}")
    assert "there is no template '../mail.html'" in html(MESSAGE, outside).fault


def test_a_template_may_include_and_extend_its_neighbors(tmp_path: Path) -> None:
    """What they share is written once."""
    (tmp_path / "frame.html").write_text("<b>{% block inside %}{% endblock %}</b>", "utf-8")
    child = "{% extends 'frame.html' %}{% block inside %}{{ tone }}{% endblock %}"
    assert html(MESSAGE, own(tmp_path, "mail.html", child)).text == "<b>due</b>"


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{{ headline }}\n{% if %}", "mail.html:2: Expected an expression, got"),
        ("a\nb\n{{ candidate }}", "mail.html:3: UndefinedError"),
        ("{{ facts[7][1] }}", "mail.html:1: UndefinedError"),
        ("\n{{ ''.__class__.__mro__ }}", "mail.html:2: SecurityError"),
        ("{% for i in range(9999999) %}x{% endfor %}", "mail.html:1: OverflowError"),
        ("{{ 'x' * 200000 }}", "mail.html: 200,000 bytes, and there is room for 100,000"),
        ("{% include 'none.html' %}", "mail.html: there is no template 'none.html'"),
        ("{{ headline + 1 }}", "mail.html:1: TypeError"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_ours_is_taken(
    template: str, fault: str, tmp_path: Path
) -> None:
    """No value of the message is in the words; nothing escapes the sandbox."""
    filled = html(MESSAGE, own(tmp_path, "mail.html", template))
    assert filled.fault.startswith(f"{tmp_path}/{fault}")
    assert "Feedback" not in filled.fault
    assert filled.text == html(MESSAGE).text


def test_a_body_falls_into_titles_lists_and_lines() -> None:
    """As a digest is written."""
    assert parts(MESSAGE.body) == (
        BodyPart("title", "For you to do:"),
        BodyPart("list", entries=("B.K.: feedback", "A.M.: decision"), links=("", "")),
        BodyPart("text", "That is all."),
    )


def test_every_line_of_a_list_keeps_its_own_page() -> None:
    """In both halves; a line without a page has none, and does not take another's."""
    linked = replace(MESSAGE, links=("https://ats.example/1?a=1&b=2", ""))
    (first,) = (part for part in parts(linked.body, linked.links) if part.kind == "list")
    assert first.links == ("https://ats.example/1?a=1&b=2", "")
    assert "• B.K.: feedback\n  https://ats.example/1?a=1&b=2\n• A.M.: decision\n" in (
        text(linked).text
    )
    page = html(linked).text
    assert page.count('class="open"') == 1
    assert 'B.K.: feedback <a class="open" href="https://ats.example/1?a=1&amp;b=2"' in page


def test_ours_are_for_dark_screens_too() -> None:
    """Mail programs that would turn colors about are told it is done."""
    page = html(MESSAGE).text
    assert 'name="color-scheme" content="light dark"' in page
    assert "prefers-color-scheme: dark" in page


def test_a_tick_without_mail_does_not_load_the_templates() -> None:
    """The engine costs a short tick more than all of its own work."""
    code = (
        "import sys, atsbridge.sinks.sinks_plugin as p; list(p.atsbridge_sinks());"
        " import atsbridge.tick.runner, atsbridge.app; print('jinja2' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
