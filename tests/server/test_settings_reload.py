"""Changed settings and packs are served without a restart; broken ones are left alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.server.conftest import HEADER, NOW, OPS, TOKEN, Site, opened, serving

from atsbridge.app import open_reloader
from atsbridge.timesource import ManualTime

RULES = """
[rules]
packs = ["builtin:responsiveness", "own.yaml"]
"""
PACK = "version: 1\noverrides: [{{id: stalled-in-stage, why: {why}}}]\n"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with opened(tmp_path):
        config = tmp_path / "atsbridge.toml"
    config.write_text(config.read_text("utf-8") + RULES, "utf-8")
    (tmp_path / "own.yaml").write_text(PACK.format(why="The old reason."), "utf-8")
    time = ManualTime(NOW)
    with (
        open_reloader(config, time) as reloader,
        serving(reloader.services, tmp_path, time=time, reload=reloader.look) as made,
    ):
        yield made


def write_pack(site: Site, why: str) -> None:
    (site.folder / "own.yaml").write_text(PACK.format(why=why), "utf-8")


def edit_settings(site: Site, old: str, new: str) -> None:
    config = site.folder / "atsbridge.toml"
    text = config.read_text("utf-8")
    assert old in text
    config.write_text(text.replace(old, new), "utf-8")


def actions(site: Site) -> list[str]:
    lines = map(json.loads, site.log.getvalue().splitlines())
    return [line["action"] for line in lines if line["action"] != "request"]


def test_a_changed_pack_is_on_the_next_page(site: Site) -> None:
    assert "The old reason." in site.get("/cases/1").text
    site.server.look_at_files()
    assert actions(site) == []
    write_pack(site, "A better reason.")
    site.server.look_at_files()
    page = site.get("/cases/1").text
    assert "A better reason." in page
    assert "The old reason." not in page
    assert actions(site) == ["settings_read"]


def test_a_broken_pack_is_said_once_and_left_alone(site: Site) -> None:
    """With its line; the correction is served again."""
    write_pack(site, "[1, 2]")
    for _ in range(2):
        site.server.look_at_files()
    assert actions(site) == ["settings_kept"]
    assert "own.yaml:2:" in site.log.getvalue()
    assert "The old reason." in site.get("/cases/1").text
    write_pack(site, "Corrected.")
    site.server.look_at_files()
    assert "Corrected." in site.get("/cases/1").text


def test_a_changed_token_lets_others_in(site: Site) -> None:
    """At once; settings under which nobody could read are left alone."""
    edit_settings(site, TOKEN, TOKEN.replace("4711", "4712"))
    site.server.look_at_files()
    assert site.get("/").status_code == 401
    new = TOKEN.replace("4711", "4712")
    assert site.plain("/", Authorization=f"Bearer {new}").status_code == 200
    edit_settings(site, f'token = "{new}"\nuser_header = "{HEADER}"\n', "")
    site.server.look_at_files()
    assert actions(site) == ["settings_read", "settings_kept"]
    assert site.plain("/", Authorization=f"Bearer {new}").status_code == 200


def test_figures_and_open_forms_go_on(site: Site) -> None:
    """Counters do not begin anew, and a form that was open before can be sent after."""
    tokens = site.server.door.tokens
    cookie = tokens.new_cookie()
    token = tokens.make(cookie, "reader", "/form")
    site.get("/mine", OPS)
    write_pack(site, "Another reason.")
    site.server.look_at_files()
    assert site.server.door.tokens.is_valid(token, cookie, "reader", "/form")
    site.get("/mine", OPS)
    text = site.get("/metrics", OPS).text
    assert 'atsbridge_http_requests_total{method="GET",route="/mine",status="200"} 2.0' in text
    assert text.count("# HELP atsbridge_open_cases ") == 1


def test_what_needs_a_restart_is_said(site: Site) -> None:
    edit_settings(site, 'proxies = ["127.0.0.1"]', 'proxies = ["127.0.0.1", "127.0.0.2"]')
    site.server.look_at_files()
    assert actions(site) == ["restart_needed", "settings_read"]


def test_a_fault_costs_one_look(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bool:
        raise ValueError("not for the log")

    with monkeypatch.context() as patched:
        patched.setattr(site.server, "_reload", broken)
        site.server.look_at_files()
    assert actions(site) == ["settings_failed"]
    assert "not for the log" not in site.log.getvalue()
    write_pack(site, "Still at work.")
    site.server.look_at_files()
    assert "Still at work." in site.get("/cases/1").text
