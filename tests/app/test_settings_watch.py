"""Changed settings and packs are opened anew; with a mistake in them, the old ones stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from atsbridge.app.settings_watch import ServicesReloader, open_reloader, take_fingerprint
from atsbridge.context import Services
from atsbridge.errors import ConfigError, RuleError
from atsbridge.settings.settings_loader import load

PACK = """\
version: 1
rules:
  - id: quiet-role
    kind: quiet
    status: shadow
    title: {title}
    why: Silence costs trust.
    side: recruiter
    each: requisition
    owner: ops
    clock: {{start: requisition.opened_at, owed_by: requisition.recruiter}}
    event: requisition.last_submission_at
    target: 10d
    steps: [{{at: due, to: requisition.recruiter, via: digest}}]
    message: "Please look at {{requisition.title}}."
"""
SETTINGS = """\
[rules]
packs = ["own.yaml"]
[teams.ops]
sink = "console"
to = "channel:#ops"
[sinks.console]
kind = "console"
[calendars.office]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "atsbridge.toml").write_text(SETTINGS, "utf-8")
    (tmp_path / "own.yaml").write_text(PACK.format(title="Quiet"), "utf-8")
    return tmp_path


@pytest.fixture
def reloader(folder: Path) -> Iterator[ServicesReloader]:
    with open_reloader(folder / "atsbridge.toml") as reloader:
        assert title_of(reloader.services) == "Quiet"
        yield reloader


def title_of(services: Services) -> str:
    return services.packs.rule_set.rules["quiet-role"].title


def test_a_changed_pack_is_used(folder: Path, reloader: ServicesReloader) -> None:
    """Handed over once. What began with the old ones may end with them."""
    old, taken = reloader.services, list[Services]()
    assert not reloader.look(taken.append)
    (folder / "own.yaml").write_text(PACK.format(title="Very quiet"), "utf-8")
    assert reloader.look(taken.append)
    assert not reloader.look(taken.append)
    assert taken == [reloader.services]
    assert [title_of(one) for one in (old, *taken)] == ["Quiet", "Very quiet"]


def test_a_broken_pack_leaves_the_old_one_in_use(folder: Path, reloader: ServicesReloader) -> None:
    """Said once with its line, until it changes again."""
    pack, never = folder / "own.yaml", list[Services]()
    pack.write_text(PACK.format(title="Quiet").replace("target: 10d", "target: ten"), "utf-8")
    with pytest.raises(RuleError, match=r"own\.yaml:13:\d+") as caught:
        reloader.look(never.append)
    assert "ten" in str(caught.value)
    assert not reloader.look(never.append)
    assert (title_of(reloader.services), never) == ("Quiet", [])
    pack.write_text(PACK.format(title="Quiet again"), "utf-8")
    assert reloader.look(never.append)
    assert title_of(reloader.services) == "Quiet again"


def test_broken_settings_and_a_lost_pack(folder: Path, reloader: ServicesReloader) -> None:
    config = folder / "atsbridge.toml"
    config.write_text(SETTINGS + "nonsense = 1\n", "utf-8")
    with pytest.raises(ConfigError, match="nonsense"):
        reloader.look(lambda _: None)
    config.write_text(SETTINGS, "utf-8")
    (folder / "own.yaml").unlink()
    with pytest.raises(RuleError, match="is not there"):
        reloader.look(lambda _: None)
    assert title_of(reloader.services) == "Quiet"


def test_whoever_uses_them_may_refuse(folder: Path, reloader: ServicesReloader) -> None:
    """Then the old ones stay in use."""

    def refuse(_: Services) -> None:
        raise ConfigError("no token")

    old = reloader.services
    (folder / "own.yaml").write_text(PACK.format(title="New"), "utf-8")
    with pytest.raises(ConfigError, match="no token"):
        reloader.look(refuse)
    assert reloader.services is old


def test_a_mistake_that_was_there_before_stops_nothing(folder: Path) -> None:
    """A process that began with a mistake in a pack takes other changes all the same."""
    config, broken = folder / "atsbridge.toml", PACK.replace("target: 10d", "target: ten")
    (folder / "own.yaml").write_text(broken.format(title="Quiet"), "utf-8")
    with open_reloader(config) as reloader:
        config.write_text(SETTINGS.replace("#ops", "#others"), "utf-8")
        assert reloader.look(lambda _: None)
        assert reloader.services.settings.teams["ops"].to == "channel:#others"


def test_the_last_but_one_is_closed(
    folder: Path, reloader: ServicesReloader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three generations are never open."""
    closed: list[str] = []
    stores: list[Services] = [reloader.services]

    def adopt(services: Services) -> None:
        store = services.store
        close: Callable[[], None] = store.close
        title = title_of(services)
        monkeypatch.setattr(store, "close", lambda: (closed.append(title), close()))
        stores.append(services)

    for number in range(4):
        (folder / "own.yaml").write_text(PACK.format(title=f"Round {number}"), "utf-8")
        assert reloader.look(adopt)
    assert closed == ["Round 0", "Round 1"]
    reloader.close()
    assert sorted(closed) == [f"Round {number}" for number in range(4)]


def test_every_file_that_is_read_counts(folder: Path) -> None:
    """Also accounts in files of their own, people and market tables; a new one is a change."""
    config = folder / "atsbridge.toml"
    settings = load(config)
    seen = [take_fingerprint(config, settings)]
    for name in ("accounts.d/b.toml", "people/acme.csv", "market/pay.csv"):
        path = folder / name
        path.parent.mkdir()
        path.write_text("", "utf-8")
        seen.append(take_fingerprint(config, settings))
    assert [len(one) for one in seen] == [2, 3, 4, 5]
