"""The comparison with other tools: what holds without installing any of them."""

import re
import sys
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from benchmarks.peers import __main__ as command
from benchmarks.peers import environments, readers, reading, rule_pass, worktime_peers
from benchmarks.peers.costs import Pipeline, run
from benchmarks.peers.environments import REQUIREMENTS, PeerSkipped, prepare, version
from benchmarks.peers.readers import Stored
from benchmarks.peers.table import HEADER, Row, markdown, ratio
from benchmarks.server import Server

FILES = sorted(REQUIREMENTS.glob("*.txt"))
# name==version, and a marker where Pythons or platforms differ: no index, no address, no option
_PINNED = re.compile(r"[a-z0-9][a-z0-9._-]*==[0-9][0-9a-z.]*( ; [a-z_]+[^:/@]*)?")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_requirement_is_pinned_and_names_no_index(path):
    lines = path.read_text("utf-8").splitlines()
    assert lines
    assert [line for line in lines if not _PINNED.fullmatch(line)] == []


def test_every_peer_has_a_file_of_requirements_and_every_file_a_peer():
    used = {reader.environment for reader in reading.READERS}
    used |= {library.name for library in worktime_peers.LIBRARIES}
    assert {path.stem for path in FILES} == (used | {"duckdb"}) - {""}
    for library in worktime_peers.LIBRARIES[1:]:
        assert version(library.name, library.name)


def test_every_program_is_there():
    names = {name for reader in reading.READERS for name in reader.code}
    names |= {f"{library.program}.py" for library in worktime_peers.LIBRARIES}
    assert [name for name in names if not (readers.PROGRAMS / name).is_file()] == []


@pytest.mark.parametrize("fails", [["/no/such/installer"], ["/bin/sh", "-c", "echo why; exit 3"]])
def test_a_peer_that_cannot_be_installed_is_skipped_with_a_sentence(tmp_path, monkeypatch, fails):
    monkeypatch.setattr(environments, "_commands", lambda *_: [fails])
    with pytest.raises(PeerSkipped, match=r"^duckdb is skipped: it could not be installed; .*\.$"):
        prepare("duckdb", tmp_path)
    with pytest.raises(PeerSkipped):  # half an environment is not taken for a whole one
        prepare("duckdb", tmp_path)


def test_an_environment_is_made_again_when_its_requirements_change(tmp_path, monkeypatch):
    made = []
    pins = tmp_path / "pins"
    pins.mkdir()
    (pins / "some.txt").write_text("some==1.0\n")

    def commands(place, *_):
        made.append(place)
        return [["/bin/mkdir", "-p", str(place)]]

    monkeypatch.setattr(environments, "REQUIREMENTS", pins)
    monkeypatch.setattr(environments, "_commands", commands)
    assert prepare("some", tmp_path) == tmp_path / "some" / "bin" / "python"
    prepare("some", tmp_path)
    assert len(made) == 1
    (pins / "some.txt").write_text("some==1.1\n")
    prepare("some", tmp_path)
    assert len(made) == 2


def test_the_skipped_are_named_and_the_table_has_the_others(monkeypatch, capsys):
    row = Row("judge", "atsbridge", time="1")
    part = command.Part(lambda *_: ([row], ["x is skipped: no."]), (1, 1), (1, 1))
    monkeypatch.setattr(command, "PARTS", {"rules": part, "more": part})
    monkeypatch.setattr(sys, "argv", ["peers", "--quick", "--parts", "rules,more", "--markdown"])
    command.main()
    printed = capsys.readouterr()
    assert printed.out == markdown([row, row]) + "\n"
    assert printed.err.count("x is skipped: no.") == 1


def test_an_unknown_part_is_refused(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["peers", "--parts", "reading,writing"])
    with pytest.raises(SystemExit):
        command.main()
    assert "no part is named writing: choose from reading, rules, worktime" in (
        capsys.readouterr().err
    )


def test_the_table_names_a_job_once():
    lines = markdown([Row("a", "x"), Row("a", "y"), Row("b", "x")]).splitlines()
    assert [line.split(" | ")[0].strip("| ") for line in lines[2:]] == [
        "**a**",
        "x",
        "y",
        "**b**",
        "x",
    ]
    assert {line.count("|") for line in lines} == {len(HEADER) + 1}


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0321, "0.032"), (0.4, "0.4"), (1.26, "1.3"), (9.99, "10"), (33.4, "33"), (2636, "2,600")],
)
def test_a_ratio_has_two_figures(value, shown):
    assert ratio(value) == shown


def test_lines_are_counted_without_comments_and_docstring(tmp_path, monkeypatch):
    (tmp_path / "a.py").write_text('"""Two\n\nlines."""\n\n# why\nimport os\n\nprint(os)\n')
    (tmp_path / "b.toml").write_text("# why\n[a]\nb = 1\n")
    monkeypatch.setattr(readers, "PROGRAMS", tmp_path)
    assert readers.lines_of(["a.py", "b.toml"]) == 4


def test_the_table_may_not_claim_what_a_store_does_not_show():
    keeps, forgets = (
        next(one for one in reading.READERS if one.row.history == history)
        for history in ("yes", "no")
    )
    few, all_ = reading.PAGE - reading.DELETED, reading.PAGE
    reading.check_history(keeps, Stored(all_, older=10))
    reading.check_history(forgets, Stored(all_))
    reading.check_history(forgets, None)
    reading.check_deletions(keeps, Stored(few))
    reading.check_deletions(forgets, Stored(all_))
    reading.check_deletions(forgets, Stored(few, lasting=False))
    for check, reader, stored in (
        (reading.check_history, keeps, Stored(all_)),
        (reading.check_history, forgets, Stored(all_, older=1)),
        (reading.check_deletions, keeps, Stored(all_)),
        (reading.check_deletions, forgets, Stored(few)),
    ):
        with pytest.raises(SystemExit, match="the table is wrong"):
            check(reader, stored)


def test_a_tool_that_lost_records_ends_the_comparison(tmp_path):
    reader = replace(reading.READERS[0], commands=lambda _: [["true"]], stored=lambda _: Stored(4))
    place = readers.Reading("", tmp_path, tmp_path)
    with pytest.raises(SystemExit, match="atsbridge has 4 records, the list has 1,000"):
        reading._read(reader, place, 1_000)


def test_a_time_below_that_of_the_start_is_no_figure():
    us, them = reading.READERS[:2]
    ours = [reading.Round(2e-6, 4e-6, 10), reading.Round(3e-6, 4e-6, 12)]
    theirs = [reading.Round(1e-6, -1e-6, 20), reading.Round(1.5e-6, 8e-6, 20)]
    row = reading.row_of(them, theirs, ours, 5_000)
    assert (row.time, row.again, row.memory) == ("0.5", reading.TOO_NOISY, "20")
    row = reading.row_of(us, ours, ours, 5_000)
    assert (row.time, row.again, row.memory) == ("1 = 2 µs each", "1 = 4 µs", "11")
    row = reading.row_of(them, ours, theirs, 5_000)  # nothing to compare with
    assert row.again == reading.TOO_NOISY


def test_a_pipeline_adds_up_and_reports_the_program_that_failed(tmp_path):
    passes = [["/bin/sh", "-c", "echo one; echo two"], ["/bin/sh", "-c", "cat"]]
    cost = run(Pipeline(passes, tmp_path))
    assert (tmp_path / "output.txt").read_text() == "one\ntwo\n"
    assert cost.wall > 0
    assert cost.memory > 0
    for fails in ([["/bin/sh", "-c", "echo bad >&2; exit 3"], ["cat"]], [["false"]]):
        with pytest.raises(SystemExit, match=f"{fails[0][0]}.*failed"):
            run(Pipeline(fails, tmp_path))


def test_the_server_finds_the_page_wherever_the_query_names_it():
    server = Server(1_500, 0.0)
    try:
        _, first = server.answer("/v3/applications?per_page=500")
        head, second = server.answer("/v3/applications?per_page=500&cursor=1")
        assert server.answer("/v3/applications?cursor=1&per_page=500") == (head, second)
        assert first != second
    finally:
        server.server_close()


def test_whole_days_are_asked_between_local_midnights():
    zone = ZoneInfo(worktime_peers.ZONE)
    pairs = worktime_peers.pairs_of("days", 50)
    clocks = {
        datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).time() for p in pairs for at in p
    }
    assert {clock.isoformat() for clock in clocks} == {"00:00:00"}
    assert worktime_peers.pairs_of("elapsed", 50) == worktime_peers.pairs_of("lunch", 50)


def test_duckdb_gets_its_own_dialect():
    given = "SELECT (a - :first) / 7 FROM t WHERE a >= :first"
    assert rule_pass._dialect(given) == "SELECT (a - $first) // 7 FROM t WHERE a >= $first"


def test_the_lines_of_atsbridge_are_an_account():
    text = (readers.PROGRAMS / "atsbridge.toml").read_text("utf-8")
    (account,) = tomllib.loads(text)["accounts"].values()
    assert account["connector"] == "greenhouse"
