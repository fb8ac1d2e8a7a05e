"""What shows only with the plugins is found in the same pass; secrets stop only what uses them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atsbridge.app.composition_root import open_services
from atsbridge.settings.setting_errors import ConfigErrors

GOOD = """[accounts.acme]
connector = "greenhouse"
client_id = "x"
client_secret_file = "secret"
[sinks.slack]
kind = "slack"
token_file = "secret"
[teams.ops]
sink = "slack"
to = "channel:#ops"
"""


@pytest.fixture
def config(tmp_path: Path) -> Callable[[str], Path]:
    def written(text: str) -> Path:
        path = tmp_path / "atsbridge.toml"
        path.write_text(text, "utf-8")
        path.chmod(0o600)
        return path

    return written


def wrong(path: Path) -> list[str]:
    with pytest.raises(ConfigErrors) as caught, open_services(path):
        pass
    return [str(one).removeprefix(f"{path}:") for one in caught.value.errors]


def test_every_kind_of_mistake_comes_in_one_pass(config: Callable[[str], Path]) -> None:
    """Of the core and of the plugins, in the order of the file."""
    text = """[accounts.acme]
connector = "grenhouse"
sinks = ["slak"]
[accounts.globex]
connector = "lever"
api_kee = "x"
write = ["tg"]
native_reminders = "x"
sinks = ["slack"]
[accounts.globex.map]
"requisition.prioritty" = "custom.priority"
stage_kind = {"Foo" = "revew"}
requisition.level = "custom.x"
[sinks.slack]
kind = "slak"
[sinks.mail]
kind = "email"
hots = "x"
port = "many"
[teams.rec_ops]
sink = "slack"
to = "x"
[notify]
ops = "recruiting_ops"
templates = "not-there"
[run]
nightly_at = "2am"
clock_file = "x"
[pilot]
where = {"requisition.departmnet" = "Sales", "requisition.status" = "opn"}
[rules]
packs = ["builtin:responsivness"]
"""
    found = wrong(config(text))
    expected = [
        '2:13: accounts.acme.connector: .* "grenhouse". Did you mean "greenhouse"?',
        '3:10: accounts.acme.sinks.1: there is no sink "slak". Did you mean "slack"?',
        '6:1: accounts.globex.api_kee: unknown key. Did you mean "api_key"?',
        '7:10: accounts.globex.write.1: .*cannot write "tg". Did you mean "tag"?',
        "8:20: accounts.globex.native_reminders: there are no native reminders",
        '11:27: accounts.globex.map."requisition.prioritty": .*"requisition.priority"?',
        '12:23: accounts.globex.map.stage_kind.Foo: "revew" is unknown. Did you mean "review"?',
        "13:1: accounts.globex.map.requisition: .*Put the whole path in quotes",
        '15:8: sinks.slack.kind: .*the sink "slak". Did you mean "slack"?',
        '18:1: sinks.mail.hots: unknown key. Did you mean "host"?',
        "19:8: sinks.mail.port: write a whole number",
        '24:7: notify.ops: there is no team "recruiting_ops".*Did you mean "rec_ops"?',
        "25:13: notify.templates: there is no folder",
        "27:14: run.nightly_at: write a time of day and a zone",
        "28:14: run.clock_file: clock_file is for the sandbox only",
        '30:10: pilot.where."requisition.departmnet": .*"requisition.department"?',
        '30:69: pilot.where."requisition.status": "opn" is no value.*Did you mean "open"?',
        '32:10: rules.packs.1: there is no pack .*Did you mean "builtin:responsiveness"?',
    ]
    import re

    quoted = [re.escape(one).replace(r"\.\*", ".*") for one in expected]
    assert len(found) == len(quoted), "\n".join(found)
    missed = [line for one, line in zip(quoted, found, strict=True) if not re.match(one, line)]
    assert missed == []


def test_a_team_on_a_sink_the_account_does_not_name_is_a_mistake(
    config: Callable[[str], Path],
) -> None:
    """It would show one customer's messages to another."""
    text = GOOD + '[accounts.two]\nconnector = "lever"\nsinks = []\n'
    text = text.replace("[sinks.slack]", 'sinks = ["slack"]\n[sinks.slack]')
    (line,) = wrong(config(text))
    assert line.startswith('14:9: accounts.two.sinks: team "ops" is on the sink "slack", which')


@pytest.mark.parametrize("command", ["check", "test", "list", "show feedback-late", "schema"])
def test_rule_commands_need_no_secret(
    config: Callable[[str], Path], command: str, tmp_path: Path
) -> None:
    """Nor a database and its password: they run where packs are reviewed."""
    from click.testing import CliRunner

    from atsbridge.cli import cli

    text = GOOD + '[store]\nurl_file = "not-there"\n[run]\nping_url_file = "not-there"\n'
    args = ["--config", str(config(text)), "rules", *command.split()]
    done = CliRunner().invoke(cli, args)
    assert done.exit_code == 0, done.output + repr(done.exception)


def test_a_secret_that_cannot_be_read_stops_only_its_account(new_world: Callable[..., Any]) -> None:
    """The others are read, judged and told of."""
    world = new_world(60, both=True)
    try:
        secret = world.standing.fakes["acme"].settings["client_secret"]
        world.configure(
            lambda text: text.replace(f'client_secret = "{secret}"', 'client_secret_file = "gone"')
        )
        outcome = world.tick()
        assert outcome.code == 1
        assert "accounts.acme.client_secret_file: the secret file" in outcome.err
        assert "there is no such file" in outcome.err
        assert outcome.err.count("\n") == 1
        assert world.standing.fakes["globex"].server.count() > 0
    finally:
        world.close()


def test_what_others_may_read_is_warned_of(
    config: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret file, and the settings where they hold a secret themselves; never the secret."""
    monkeypatch.setenv("ATSBRIDGE_STORE_URL", "planted-1")
    secret = tmp_path / "secret"
    secret.write_text("planted-2", "utf-8")
    secret.chmod(0o644)
    path = config(GOOD.replace('token_file = "secret"', 'token = "planted-3"'))
    with open_services(path) as app:
        quiet = [str(one) for one in app.find_warnings()]
        path.chmod(0o644)
        loud = [str(one) for one in app.find_warnings()]
        assert "planted" not in repr(app)
    unknown, file = quiet
    assert unknown == (
        "ATSBRIDGE_STORE_URL: no setting has this name. Did you mean ATSBRIDGE_STORE__URL?"
    )
    assert file == (
        f"{path}:4:22: accounts.acme.client_secret_file: others on this machine may read the secret"
        f" file {secret}. Run: chmod 600 {secret}"
    )
    (inline,) = loud[2:]
    assert inline == (
        f"{path}:7:9: sinks.slack.token: others on this machine may read this file, and it holds"
        f" a secret. Run: chmod 600 {path}"
    )
