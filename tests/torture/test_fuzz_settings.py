"""Thousands of broken settings: each is accepted, or named with its place; never a traceback.

Bounded in the normal suite; `make torture` plays many more.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from atsbridge.app.composition_root import App
from atsbridge.errors import ConfigError
from atsbridge.plugins import Plugins, discover
from atsbridge.settings.setting_errors import ConfigErrors
from atsbridge.settings.settings_loader import read
from atsbridge.timesource import SystemTime

GOOD = """[accounts.acme]
connector = "greenhouse"
client_id = "id"
client_secret = "planted-1"
base_url = "https://harvest.example/v3"
sinks = ["slack", "mail"]
max_age = "2h"
history = "180d"
max_response = "64MB"
max_pages = 500
write = ["application_note", "tag"]
native_reminders = ""
[accounts.acme.map]
"requisition.priority" = "custom.priority"
"requisition.on_hold" = {field = "custom.status", equals = "On hold"}
stage_kind = {"Final talk" = "interview"}
[accounts.acme.teams.recruiting_ops]
sink = "slack"
to = "channel:#ops"
[accounts.globex]
connector = "lever"
api_key = "planted-2"
confidential = false
sinks = ["mail"]
[accounts.globex.teams.recruiting_ops]
sink = "mail"
to = "ops@globex.example"
[sinks.slack]
kind = "slack"
token = "planted-3"
clearance = "personal"
[sinks.mail]
kind = "email"
host = "smtp.example"
port = 587
username = "hiring"
password = "planted-4"
security = "starttls"
[sinks.hook]
kind = "webhook"
url = "https://hook.example/planted-5"
secret = "planted-6-planted-6"
people = true
[teams.recruiting_ops]
sink = "mail"
to = "ops@acme.example"
[notify]
dm = ["slack", "mail"]
ops = "recruiting_ops"
redirect_to = "ops@acme.example"
quiet_hours = "outside office"
max_interruptions_per_day = 3
ack_for = "2bd"
digest_at = "09:30"
[rules]
packs = ["builtin:responsiveness", "./own/*.yaml"]
briefs = "briefs/*.yaml"
market = ["market/*.csv"]
[pilot]
where = {"requisition.department" = "Sales", "requisition.status" = "open"}
[calendars.office]
timezone = "person"
hours = "mon-fri 09:00-18:00"
holidays = "DE-BY"
closed = {2026-12-24 = "Christmas Eve"}
special_hours = {2026-12-31 = "09:00-12:00"}
[offices.Lisbon]
timezone = "Europe/Lisbon"
country = "PT"
[people."Kim@acme.example"]
timezone = "Europe/Lisbon"
country = "GB"
region = "SCT"
calendar = "office"
delegate = "lee@acme.example"
prefer = "slack"
absences = [{first = 2026-08-03, last = 2026-08-14, reason = "leave"}]
[run]
nightly_at = "02:00 UTC"
max_bad_records = "5%"
keep_ended = "400d"
log_file = "logs/x.jsonl"
ping_url = "https://ping.example/planted-7"
[store]
url = "postgresql://u:planted-8@db.example/x?password=planted-9"
pool = 10
"""
VALUES = [
    *('""', '"x"', '"word"', "''", "0", "-1", "1", "99999999999999999999", "1e400", "nan"),
    *("inf", "true", "[]", "{}", "[[]]", "[{}]", '["x"]', '["x", 5]', "{x = 1}", '{"" = ""}'),
    *("2026-13-01", "2026-08-03", "09:30:00", "2026-08-03T09:30:00Z", "0x1f", "1_000"),
    *(
        '"\\u0000"',
        '"\\u001b[2J"',
        '"a\\nb"',
        '"\\ud7ff"',
        '"ünï"',
        '"{x}"',
        '"%s"',
        '"~"',
        '"~q/x"',
    ),
    *('"$HOME"', '"$NOPE"', '"**/x"', '"../../.."', '"/"', '"999999999d"', '"1e9d"', '"25:00"'),
    *(
        '"Europe/"',
        '"../../etc/passwd"',
        '"mon-sun"',
        '"mon-fri 24:00-25:00"',
        '"outside "',
        '"DE-"',
    ),
    *('"sqlite:///"', '"postgresql://"', '"https://"', '"https://x:y"', '"http://[::1"', '"@"'),
    *('"a@b"', "'''\nx'''", '"""\nx"""', '"' + "x" * 5000 + '"', "[" * 60 + "]" * 60),
]
KEYS = [
    "x",
    "connector",
    "kind",
    "sink",
    "url",
    "token_file",
    "map",
    "folder",
    '""',
    '"a.b"',
    "where",
]
NOISE = "[]{}=.,\"'#\n\\ \t\x00\x1b\ufeff\u202e…0a-"
PLACE = re.compile(r":\d+:\d+(?:: |$)|^ATSBRIDGE_", re.IGNORECASE)


def lines(random: random.Random) -> str:
    """The good settings with some lines changed, moved, doubled or left out."""
    text = GOOD.splitlines()
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(text))
        key, equals, _ = text[at].partition(" = ")
        match random.randrange(7):
            case 0 | 1 | 2 if equals:
                text[at] = f"{key} = {random.choice(VALUES)}"
            case 3 if equals:
                text[at] = f"{random.choice(KEYS)} = {random.choice(VALUES)}"
            case 4:
                del text[at]
            case 5:
                text.insert(random.randrange(len(text)), text[at])
            case _:
                text.insert(at, f"{random.choice(KEYS)} = {random.choice(VALUES)}")
    return "\n".join(text) + "\n"


def characters(random: random.Random) -> str:
    """The good settings with some characters changed, as no editor would."""
    text = list(GOOD)
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(text))
        text[at : at + random.randint(0, 2)] = random.choice(NOISE) * random.randint(0, 2)
    return "".join(text)


def variables(random: random.Random) -> dict[str, str]:
    """Environment variables, few of which fit."""
    found = {}
    keys = [line.partition(" = ")[0] for line in GOOD.splitlines() if " = " in line]
    for _ in range(random.randint(0, 3)):
        section = random.choice(
            ["ACCOUNTS__ACME", "SINKS__SLACK", "NOTIFY", "RUN", "STORE", "PEOPLE"]
        )
        name = f"ATSBRIDGE_{section}__{random.choice(keys).upper()}"
        name = random.choice([name, f"ATSBRIDGE_{section}", name.replace("__", "_"), f"{name}__X"])
        found[name] = random.choice(VALUES).strip("\"'") + random.choice(["", "\udcff", ",x"])
    return found


def verdict(path: Path, environ: dict[str, str], plugins: Plugins) -> list[ConfigError]:
    """The mistakes that the application finds; none where it would run."""
    try:
        reading = read(path, environ)
        app = App(reading.settings, plugins, SystemTime(), reading.unknown)
        app.check(reading.problems)
    except ConfigErrors as found:
        return list(found.errors)
    except ConfigError as found:
        return [found]
    app.services.find_warnings()
    assert "planted" not in repr(app)
    return []


def is_good(error: ConfigError, text: str) -> bool:
    said = str(error)
    missing = re.search(r": (\w+)[\w.]*$", error.where)  # no line says anything of its section
    bare = not is_toml(text) or (missing and missing[1] not in text)
    placed = PLACE.search(error.where) or (error.where and bare)
    plain = not re.search(r"[Ii]nput should|pydantic|Traceback|<class|object at", said)
    return bool(placed) and plain and "planted" not in said and "\x1b" not in said


def is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def play(
    folder: Path, count: int, make: Callable[[random.Random], str], seed: int
) -> Iterator[tuple[Any, ...]]:
    """Seeds of what was neither accepted nor refused in order."""
    plugins, path = discover(), folder / "atsbridge.toml"
    for number in range(count):
        chance = random.Random(f"{seed}/{number}")
        text, environ = make(chance), variables(chance)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        found = verdict(path, environ, plugins)
        bad = [str(one) for one in found if not is_good(one, text)]
        if bad:
            yield seed, number, bad


def test_the_settings_that_are_changed_are_good(tmp_path: Path) -> None:
    """Else the changes would show nothing."""
    (tmp_path / "atsbridge.toml").write_text(GOOD, "utf-8")
    assert [str(one) for one in verdict(tmp_path / "atsbridge.toml", {}, discover())] == []


@pytest.mark.parametrize("make", [lines, characters], ids=lambda make: make.__name__)
def test_broken_settings_are_named_with_their_place(
    tmp_path: Path, make: Callable[[random.Random], str]
) -> None:
    """Never a traceback, never a secret, never a word of pydantic's."""
    assert list(play(tmp_path, 60, make, 1)) == []


@pytest.mark.torture
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("make", [lines, characters], ids=lambda make: make.__name__)
def test_many_broken_settings_are_named_with_their_place(
    tmp_path: Path, make: Callable[[random.Random], str]
) -> None:
    """The same, many times over."""
    assert list(play(tmp_path, 5000, make, 2)) == []
