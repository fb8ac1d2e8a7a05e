"""People from CSV: a row with an error costs itself, and its place is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from atsbridge.settings.people_files import add_plugin_people
from atsbridge.settings.settings_loader import load
from atsbridge.settings.settings_model import Settings

HEAD = "email,manager,timezone,country\n"


def read(folder: Path, text: str | bytes, toml: str = "") -> Settings:
    """The settings beside one file of people."""
    (folder / "people").mkdir(exist_ok=True)
    data = text if isinstance(text, bytes) else text.encode()
    (folder / "people" / "all.csv").write_bytes(data)
    (folder / "atsbridge.toml").write_text(toml, "utf-8")
    return load(folder / "atsbridge.toml", {})


def errors(settings: Settings) -> list[str]:
    return [str(error) for error in settings.file_errors]


def test_rows_are_people(tmp_path: Path) -> None:
    """Columns in any order, further columns for the reader, addresses in any case."""
    text = (
        "name,timezone,email,manager,note\nKim,Europe/Lisbon, Kim@Acme.example ,lee@acme.example,\n"
    )
    found = read(tmp_path, text)
    assert errors(found) == []
    kim = found.person("kim@acme.example")
    assert (kim.manager, kim.timezone) == ("lee@acme.example", "Europe/Lisbon")


def test_what_the_settings_say_of_a_person_comes_first(tmp_path: Path) -> None:
    """Key by key: what they do not say comes from the file."""
    toml = '[people."kim@acme.example"]\ntimezone = "Europe/Paris"\n'
    found = read(tmp_path, HEAD + "kim@acme.example,lee@acme.example,Europe/Lisbon,PT\n", toml)
    kim = found.person("kim@acme.example")
    assert (kim.timezone, kim.manager, kim.country) == ("Europe/Paris", "lee@acme.example", "PT")


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("kim,,,", "people/all.csv:2:1: email: write one e-mail address"),
        (",,,", ""),
        ("kim@a.example,lee,,", "people/all.csv:2:15: manager: write one e-mail address"),
        ("kim@a.example,,Lisboa,", "people/all.csv:2:16: timezone: "),
        ("kim@a.example,,,Portugal", "people/all.csv:2:17: country: "),
        ("kim@a.example,kim@a.example,,", "manager: nobody is their own manager"),
        ("kim@a.example,,", "this line has 3 cells, the first has 4"),
        ("=cmd(),,,", "this cell holds a formula"),
    ],
)
def test_a_bad_row_costs_itself(tmp_path: Path, row: str, error: str) -> None:
    """The other rows are read; the error has file, line and column, and no address."""
    found = read(tmp_path, f"{HEAD}{row}\nlee@a.example,,Europe/Lisbon,PT\n")
    assert list(found.people) == ["lee@a.example"]
    if error:
        assert len(errors(found)) == 1
        assert error in errors(found)[0]
        assert "kim@a.example" not in errors(found)[0]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("email;manager\nkim@a.example;\n", "separated by semicolons"),
        ("mail,manager\nkim@a.example,\n", '"mail" is no column of people. Did you mean "email"?'),
        ("email,email\nkim@a.example,\n", 'the column "email" is there twice'),
        ("", "this file is empty"),
        ("email\n" + '"kim@a.example' + "x" * 2000, "a quote that is not closed"),
        ("email\nkim@a.example\n".encode("utf-16"), "UTF-16"),
        ("email\nJosé@a.example\n".encode("latin-1"), "people/all.csv:2:4"),
    ],
)
def test_a_bad_file_is_one_error_and_stops_nothing(
    tmp_path: Path, text: str | bytes, error: str
) -> None:
    """Settings load all the same."""
    found = read(tmp_path, text)
    assert not found.people
    assert error in errors(found)[0]


def test_the_second_row_of_a_person_is_refused(tmp_path: Path) -> None:
    """Neither of two rows is preferred silently."""
    found = read(tmp_path, HEAD + "kim@a.example,,Europe/Lisbon,\nKIM@a.example,,Europe/Paris,\n")
    assert found.person("kim@a.example").timezone == "Europe/Lisbon"
    assert "people/all.csv:3:1: email: this person is there twice" in errors(found)[0]


def test_a_circle_of_managers_is_cut(tmp_path: Path) -> None:
    """Everybody in the circle is named by place; who only leads into it keeps the manager."""
    rows = "a@x.example,b@x.example,,\nb@x.example,c@x.example,,\nc@x.example,a@x.example,,\n"
    found = read(tmp_path, HEAD + rows + "d@x.example,a@x.example,,\n")
    assert [error.partition(" ")[0] for error in errors(found)] == [
        f"people/all.csv:{line}:" for line in (2, 3, 4)
    ]
    managers = {email: person.manager for email, person in found.people.items()}
    assert managers == dict.fromkeys(["a@x.example", "b@x.example", "c@x.example"], "") | {
        "d@x.example": "a@x.example"
    }


def test_a_file_that_is_named_has_to_exist(tmp_path: Path) -> None:
    """A pattern may match nothing."""
    found = read(tmp_path, HEAD, '[directory]\nfiles = ["hr.csv", "other/*.csv"]\n')
    assert len(errors(found)) == 1
    assert 'there is no file "hr.csv"' in errors(found)[0]


def test_people_of_plugins_come_last(tmp_path: Path) -> None:
    """A file says otherwise; a wrong value costs its person and names the plugin."""
    found = read(tmp_path, HEAD + "kim@a.example,,Europe/Lisbon,\n")
    rows = [
        ("hr", "kim@a.example", {"timezone": "Europe/Paris", "manager": "lee@a.example"}),
        ("hr", "max@a.example", {"timezone": "Mars"}),
    ]
    found = add_plugin_people(found, rows)
    kim = found.person("kim@a.example")
    assert (kim.timezone, kim.manager) == ("Europe/Lisbon", "lee@a.example")
    assert list(found.people) == ["kim@a.example"]
    assert "plugin hr, person 2: timezone" in errors(found)[0]
