"""The settings are read whole, and every mistake is named at once with its line and column."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from atsbridge.errors import ConfigError
from atsbridge.settings.setting_errors import ConfigErrors, Source
from atsbridge.settings.settings_loader import load


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def written(text: str) -> Path:
        path = tmp_path / "atsbridge.toml"
        path.write_text(text, "utf-8")
        return path

    return written


@pytest.fixture
def mistakes(write: Callable[[str], Path]) -> Callable[[str], list[str]]:
    """The lines about the mistakes in a text, without the file's name."""

    def found(text: str, **variables: str) -> list[str]:
        path = write(text)
        with pytest.raises(ConfigErrors) as caught:
            load(path, variables)
        return [str(one).removeprefix(f"{path}:") for one in caught.value.errors]

    return found


def test_a_small_file_is_enough(write: Callable[[str], Path], tmp_path: Path) -> None:
    """One account and nothing else: the rest has defaults."""
    settings = load(write('[accounts.acme]\nconnector = "greenhouse"\n'), {})
    assert settings.accounts["acme"].max_age == timedelta(hours=2)
    assert settings.store_url == f"sqlite:///{tmp_path / 'atsbridge.db'}"


def test_what_belongs_to_the_connector_is_kept_for_it(write: Callable[[str], Path]) -> None:
    """Keys the core does not know are the plugin's options."""
    text = '[accounts.acme]\nconnector = "greenhouse"\nbase_url = "http://127.0.0.1:1"\n'
    settings = load(write(text), {})
    assert settings.accounts["acme"].options == {"base_url": "http://127.0.0.1:1"}


def test_every_mistake_is_told_with_its_line_and_column(
    mistakes: Callable[[str], list[str]],
) -> None:
    """Unknown keys, bad values, bad names, names that lead nowhere: one pass, in order."""
    text = """[accounts.acme]
connectr = "greenhouse"
max_age = "2 fortnights"
sinks = "slack"
[run]
nightly_att = "02:00 UTC"
[offices.Lisbon]
timezone = "Europe/Lisboa"
contry = "PT"
[accounts.Globex]
connector = "lever"
[teams.ops]
sink = "slak"
to = 5
[sinks.slack]
kind = "slack"
[notify]
dm = [
  "slack",
  "mial",
]
"""
    span = "write a number and a unit in quotes, such as 90s, 30m, 2h or 180d"
    a_list = 'write a list in square brackets, such as ["one", "two"]'
    zone = '"Europe/Lisboa" is not a time zone: did you mean Europe/Lisbon?'
    name = "a name is lower case: a letter, then letters, digits and _"
    assert mistakes(text) == [
        '2:1: accounts.acme.connectr: unknown key. Did you mean "connector"?',
        f"3:11: accounts.acme.max_age: {span}",
        f"4:9: accounts.acme.sinks: {a_list}",
        '6:1: run.nightly_att: unknown key. Did you mean "nightly_at"?',
        f"8:12: offices.Lisbon.timezone: {zone}",
        '9:1: offices.Lisbon.contry: unknown key. Did you mean "country"?',
        f"10:1: accounts.Globex: {name}",
        '13:8: teams.ops.sink: there is no sink "slak". Did you mean "slack"?',
        "14:6: teams.ops.to: write text in quotes",
        '20:3: notify.dm.2: there is no sink "mial". Add [sinks.mial]; configured: slack',
    ]


OWN = "[accounts.acme.sensitivity]\n"
PEOPLE = '[people."kim@acme.example"]\n'
TEAM = "[sinks]\n[teams.ops]\nsink = 'ats'\nto = "


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[run]\nnightly_at = "2am"', "2:14: run.nightly_at: write a time of day and a zone"),
        ('[run]\nnightly_at = "24:00 UTC"', "2:14: run.nightly_at: write a time of day"),
        ('[run]\nnightly_at = "02:00 Lisboa"', "did you mean Europe/Lisbon"),
        ("[run]\nkeep_ended = 400", "2:14: run.keep_ended: write a number and a unit"),
        ('[run]\nkeep_ended = "9999999d"', "2:14: run.keep_ended: this is too long"),
        ("[run]\nmax_bad_records = 5", "2:19: run.max_bad_records: write a share"),
        ("[run]\nmax_bad_records = nan", "2:19: run.max_bad_records: write a share"),
        ('[run]\nping_url = "htp//x"', "2:12: run.ping_url: write a whole address"),
        ('[run]\nping_url = "https://x:999999"', "2:12: run.ping_url: write a whole address"),
        ("[notify]\ndigest_at = 930", "2:13: notify.digest_at: write a time of day"),
        ('[notify]\ndigest_at = "9.30"', "2:13: notify.digest_at: write a time of day"),
        ('[notify]\nack_for = "-2bd"', "2:11: notify.ack_for: write a time longer than 0"),
        ('[notify]\nack_for = "2 days"', "2:11: notify.ack_for: "),
        ("[notify]\nmax_interruptions_per_day = true", "write a whole number"),
        ("[notify]\nmax_interruptions_per_day = -1", "write a number from 0 on"),
        ('[notify]\nredirect_to = "kim"', "2:15: notify.redirect_to: write one e-mail address"),
        ('[notify]\nquiet_hours = "outside ofice"', 'Did you mean "office"'),
        ('[notify]\nbacklog_after = "20"', "2:17: notify.backlog_after: "),
        ('[rules]\nshadow_for = "0bd"', "2:14: rules.shadow_for: write a time longer than 0"),
        ('[notify]\nquiet_hours = "office"', '2:15: notify.quiet_hours: write "outside"'),
        ('[sinks.x]\nkind = "slack"\nclearance = "opn"', 'did you mean "open"?'),
        (f'{PEOPLE}prefer = "sms"', '2:10: people."kim@acme.example".prefer: "sms" is neither'),
        (f'{PEOPLE}calendar = "shift"', "there is no calendar"),
        (f'{PEOPLE}delegate = "lee"', "write one e-mail address"),
        (f'{PEOPLE}delegate = "Kim@acme.example"', "nobody stands in for themselves"),
        (f"{PEOPLE}absences = [{{first = 2026-03-09, last = 2026-03-01}}]", "ends before it"),
        (f"{PEOPLE}absences = [{{first = 20260309, last = 2026-03-10}}]", "write a day as year"),
        (f'{PEOPLE}timezone = "EST5"', "is not a time zone"),
        ("[people.kim]", '1:1: people.kim: write an e-mail address in quotes: [people."kim@'),
        (f'{PEOPLE}[people."Kim@Acme.example"]', "2:1: .*this person is there twice"),
        ('[calendars.office]\nclosed = {2026-02-30 = "x"}', "there is no such day"),
        ('[calendars.office]\nclosed = {"24.12.2026" = "x"}', "write a day as year-month-day"),
        ('[store]\nurl = "mysql://x/y"', '2:7: store.url: write "sqlite:///atsbridge.db"'),
        ('[store]\nurl = "postgresql://h:port/x"', "the port in this address"),
        ('[store]\nurl = "sqlite://atsbridge.db"', "with three slashes"),
        ('[rules]\npacks = ["p/**x.yaml"]', "stands for whole folders only"),
        ('folder = "x"', "1:1: folder: unknown key"),
        ('[accountz.acme]\nconnector = "x"', '1:1: accountz: unknown key. Did you mean "accounts"'),
        ('offices = "Lisbon"', "1:11: offices: write a table of keys"),
        ('[run]\nlog_file = "a\\u0007b"', "2:12: run.log_file: this text holds a control char"),
        ('[offices."a\\u001b[2J"]\ntimezone = "UTC"', "this name holds a control character"),
        ('[run]\nlog_file = "$NO_SUCH_NAME/x"', "the environment variable NO_SUCH_NAME is not set"),
        (f'{TEAM}"channel:#"', "4:6: teams.ops.to: write one place"),
        (f'{TEAM}"channel: "', "4:6: teams.ops.to: write one place"),
        (f'{TEAM}"#a\\n#b"', "4:6: teams.ops.to: write one place"),
        (f'{TEAM}"kim@acme.example, lee@acme.example"', "4:6: teams.ops.to: write one place"),
    ],
)
def test_one_mistake_is_told_in_plain_words(
    mistakes: Callable[[str], list[str]], text: str, line: str
) -> None:
    """What to write instead, and nothing of pydantic's own language."""
    import re

    (found,) = mistakes(text)
    assert re.search(line.replace("[", r"\["), found), found
    assert not re.search(r"[Ii]nput should|pydantic|type=|Traceback", found)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"requisition.level" = "open"', '"requisition.level".*is no custom field and no section'),
        ('"requisition.custom" = "open"', "is no custom field and no section of a brief"),
        ('"brief.agreed.recruiter" = "open"', "is no custom field and no section of a brief"),
        ('"requisition.custom.level" = "public"', 'sensitivity."requisition.custom.level"'),
    ],
)
def test_what_may_be_declared_open(
    mistakes: Callable[[str], list[str]], line: str, said: str
) -> None:
    """Single custom fields and sections of briefs, with the name of a class."""
    import re

    found = mistakes(f"[accounts.acme.sensitivity]\n{line}")
    assert any(re.search(said, one) for one in found), found


def test_mistakes_within_a_list_of_tables_keep_their_lines(
    mistakes: Callable[[str], list[str]],
) -> None:
    """Also those that show only once an earlier member was left out."""
    text = f"""{PEOPLE}absences = [
  {{first = 1, last = 2026-03-10}},
  {{first = 2026-03-09, last = 2026-03-01}},
]
"""
    first, second = mistakes(text)
    assert first.startswith('3:12: people."kim@acme.example".absences.1.first: write a day')
    assert second.startswith('4:3: people."kim@acme.example".absences.2: this absence ends before')


def test_a_name_is_not_missing_because_its_section_has_a_mistake(
    mistakes: Callable[[str], list[str]],
) -> None:
    """One mistake is told once: what follows from it is not."""
    text = '[sinks.slack]\n[teams.ops]\nsink = "slack"\nto = "x"\n[notify]\ndm = ["slack"]\n'
    assert mistakes(text) == ["1:1: sinks.slack.kind: this key is needed"]


def test_a_person_is_known_whatever_the_case_of_the_address(write: Callable[[str], Path]) -> None:
    """The address in the ATS and in the settings may differ in case."""
    settings = load(write('[people."First.Last@Acme.example"]\ntimezone = "utc"\n'), {})
    assert settings.person("first.last@acme.example").timezone == "UTC"
    assert settings.person("First.LAST@acme.example").timezone == "UTC"
    assert settings.person("other@acme.example").timezone == ""


def test_office_is_a_calendar_beside_those_that_are_written(write: Callable[[str], Path]) -> None:
    """Quiet hours are outside of it unless they say otherwise."""
    settings = load(write('[calendars.night]\nhours = "mon-fri 18:00-24:00"\n'), {})
    assert sorted(settings.calendars) == ["night", "office"]


def test_a_mistake_never_shows_the_value(write: Callable[[str], Path]) -> None:
    """A secret that landed on a wrong key is not repeated."""
    path = write('[store]\nurl = "mysql://u:hunter2hunter2@h/x"\npasword = "hunter2hunter2"\n')
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert "hunter2" not in str(caught.value)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    """No file: the message names the path and the two ways on."""
    with pytest.raises(ConfigError, match=r"there is no such file.*--config FILE"):
        load(tmp_path / "atsbridge.toml")


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("[accounts]\nacme = \n", ":2:8", "this is not TOML"),
        ("[run]\n[run]\n", ":2:5", "each [section] stands once"),
        ("x = [", ":1:6", "this is not TOML"),
        ("[people.kim@acme.example]\n", ":1:12", "Put an e-mail address in quotes"),
        ("x = " + "[" * 3000, ":1:37", "more than 32 levels"),
        ("\ny = '[[' # [[\nx = {a = " + "[" * 40 + "]" * 40 + "}", ":3:41", "more than 32 levels"),
        ("[" + ".".join("a" * 20) + "]\nx = " + "[" * 20 + "]" * 20, ":2:24", "32 levels"),
        ("\n" + ".".join(["a"] * 20_000) + " = 1\n", ":2", "more than 32 parts"),
        ("\n[" + ".".join(["a"] * 20_000) + "]\n", ":2", "more than 32 parts"),
        ("x = {y = 1, " + " . ".join(['"a"'] * 20_000) + " = 1}\n", ":1", "more than 32 parts"),
        ("x = " + "1" * 5000, ":1:5", "a number that is too long"),
        ("x = 'a\n", ":2:1", "this is not TOML"),
    ],
)
def test_a_file_that_is_not_toml_says_where(
    write: Callable[[str], Path], text: str, place: str, words: str
) -> None:
    """Line and column of the first mistake, and what to look at."""
    path = write(text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}{place}: ")
    assert words.lower() in str(caught.value).lower()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ('[run]\nlog_file = "Zürich"'.encode("utf-16"), "UTF-16"),
        ('[run]\nlog_file = "Zürich"'.encode("latin-1"), r":2:14: .*Latin-1"),
        (b"\xef\xbb\xbf[run]\nnightly = 1", r":2:1: run\.nightly: unknown key"),
        (b"\xef\xbb\xbf[run]\r\nnightly = 1", r":2:1: run\.nightly: unknown key"),
    ],
)
def test_a_file_in_another_encoding_is_named_as_such(
    tmp_path: Path, data: bytes, words: str
) -> None:
    """A byte order mark is no mistake; another encoding is named with the place."""
    path = tmp_path / "atsbridge.toml"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=words):
        load(path, {})


def test_no_repr_shows_a_secret(write: Callable[[str], Path]) -> None:
    """Neither of the settings nor of any part; keys of plugins are named without values."""
    text = """[accounts.acme]
connector = "greenhouse"
client_secret = "planted-1"
[sinks.slack]
kind = "slack"
token = "planted-2"
[store]
url = "postgresql://u:planted-3@h/x?password=planted-4"
[run]
ping_url = "https://x.example/planted-5"
"""
    settings = load(write(text), {})
    parts = [settings, *settings.accounts.values(), *settings.sinks.values(), settings.source]
    assert "planted" not in "".join(f"{part!r} {part}" for part in parts)
    assert "client_secret" in repr(settings)


def test_paths_start_at_the_folder_of_the_file(
    write: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With "~" and variables replaced, wherever the program runs."""
    monkeypatch.setenv("HOME", "/home/kim")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials")
    text = """[run]
log_file = "logs/x.jsonl"
metrics_file = "~/metrics"
ping_url_file = "${CREDENTIALS_DIRECTORY}/ping"
[store]
url = "sqlite:///~/atsbridge.db"
"""
    settings = load(write(text), {})
    assert settings.path(settings.run.log_file) == tmp_path / "logs/x.jsonl"
    assert settings.path(settings.run.metrics_file) == Path("/home/kim/metrics")
    assert settings.path(settings.run.ping_url_file) == Path("/run/credentials/ping")
    assert settings.store_url == "sqlite:////home/kim/atsbridge.db"


def test_a_home_that_is_not_known_is_told_with_its_place(
    mistakes: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container whose user has no entry and no HOME."""
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda uid: {}[uid])
    (line,) = mistakes('[run]\nlog_file = "~/x"\n')
    assert line.startswith('2:12: run.log_file: the home folder that "~" stands for is not known')


def test_a_place_names_the_nearest_thing_that_is_written() -> None:
    """For checks that come later: of an office that the ATS does not have, say."""
    source = Source("a.toml", '[offices.Lisbon]\ntimezone = "UTC"\n', {("run",): "ATSBRIDGE_RUN"})
    assert source.place(("offices", "Lisbon")) == "a.toml:1:1: offices.Lisbon"
    assert source.place(("offices", "Lisbon", "region")) == "a.toml:1:1: offices.Lisbon.region"
    assert source.place(("run", "log_file")) == "ATSBRIDGE_RUN: run.log_file"
    assert source.place(("store",)) == "a.toml: store"


def test_reading_settings_imports_no_library_it_does_not_need() -> None:
    """Every tick starts with it; what only a mistake needs is imported for a mistake."""
    import subprocess
    import sys

    code = (
        "import sys, atsbridge.settings; "
        "print([m for m in ('holidays', 'difflib', 'sqlalchemy') if m in sys.modules])"
    )
    python = shutil.which(sys.executable) or sys.executable
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
