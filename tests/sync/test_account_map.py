"""The account's own map: its forms, its errors, what it does to stored records."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from atsbridge.errors import ConfigError
from atsbridge.model.fragment import Fragment
from atsbridge.ports.stream import Stream
from atsbridge.sync.account_map import parse_map

MINUTE = timedelta(minutes=1)


def _stream(name, **owns):
    return Stream(name=name, path="/", row=object, normalize=lambda _: (), owns=owns)


def _applied(raw, kind, values):
    account_map = parse_map(raw, "acme")
    stream = _stream("s", **{kind: tuple(values)})
    columns = account_map.owned([stream])["s"][kind]
    return account_map.apply(Fragment(kind, "1", values), columns).values


@pytest.mark.parametrize(
    ("raw", "kind", "values", "column", "value"),
    [
        ({"requisition.priority": "custom.urgency"}, "requisition",
         {"custom": {"urgency": "high"}}, "priority", "high"),
        ({"requisition.priority": "custom.urgency"}, "requisition",
         {"custom": None}, "priority", None),
        ({"requisition.headcount": "custom.seats"}, "requisition",
         {"custom": {"seats": "3"}}, "headcount", 3),
        ({"requisition.headcount": "custom.seats"}, "requisition",
         {"custom": {"seats": "several"}}, "headcount", None),
        ({"requisition.confidential": "custom.secret"}, "requisition",
         {"custom": {"secret": "Yes"}}, "confidential", True),
        ({"requisition.confidential": {"field": "custom.level", "equals": "C"}}, "requisition",
         {"custom": {"level": "C"}}, "confidential", True),
        ({"requisition.on_hold": {"field": "custom.state", "equals": "On hold"}}, "requisition",
         {"custom": {"state": "On hold"}, "status": "open"}, "status", "on_hold"),
        ({"requisition.on_hold": {"field": "custom.state", "equals": "On hold"}}, "requisition",
         {"custom": {"state": "On hold"}, "status": "closed"}, "status", "closed"),
        ({"requisition.on_hold": {"field": "custom.held", "equals": "true"}}, "requisition",
         {"custom": {"held": True}, "status": "open"}, "status", "on_hold"),
        ({"requisition.on_hold": {"field": "custom.held", "equals": True}}, "requisition",
         {"custom": {"held": True}, "status": "open"}, "status", "on_hold"),
        ({"requisition.on_hold": {"field": "custom.held", "equals": "true"}}, "requisition",
         {"custom": {"held": False}, "status": "open"}, "status", "open"),
        *(
            ({"requisition.target_on": "custom.by"}, "requisition", {"custom": {"by": given}},
             "target_on", found)
            for given, found in (
                (1798761600000, date(2027, 1, 1)), ("1712010312345", date(2024, 4, 1)),
                ("20270101", date(2027, 1, 1)), ("2027-01-01", date(2027, 1, 1)),
                ("2027-01-01T09:30:00+02:00", date(2027, 1, 1)), ("9" * 40, None), ("soon", None),
                ("2027-01-01T00:30:00.000Z", date(2027, 1, 1)),
                ("2027-01-01 (about)", date(2027, 1, 1)),
            )
        ),
        ({"requisition.priority": "custom.cost.code"}, "requisition",
         {"custom": {"cost": {"code": "A"}}}, "priority", "A"),
        ({"requisition.priority": "custom.cost.code"}, "requisition",
         {"custom": {"cost.code": "B", "cost": {"code": "A"}}}, "priority", "B"),
        ({"requisition.priority": "custom.cost.code"}, "requisition",
         {"custom": {"cost": "A"}}, "priority", None),
        ({"requisition.pay_currency": "custom.pay"}, "requisition",
         {"custom": {"pay": " eur "}}, "pay_currency", "EUR"),
        ({"requisition.pay_currency": "custom.pay"}, "requisition",
         {"custom": {"pay": "$"}}, "pay_currency", None),
        ({"application.concern": "tag:concern*"}, "application",
         {"tags": ("Concern: pay", "friend", "concern: place")}, "concern",
         "Concern: pay, concern: place"),
        ({"application.concern": "tag:concern*"}, "application", {"tags": None}, "concern", None),
        ({"stage_kind": {"Hiring Manager Review": "review"}}, "stage",
         {"name": "Hiring Manager Review", "kind": "other"}, "kind", "review"),
        ({"stage_kind": {"Hiring Manager Review": "review"}}, "stage",
         {"name": "On-site", "kind": "interview"}, "kind", "interview"),
        ({"reason_kind": {"Took another offer": "theirs"}}, "reason",
         {"name": "Took another offer", "kind": "other"}, "kind", "theirs"),
    ],
)  # fmt: skip
def test_each_form_fills_its_column(raw, kind, values, column, value):
    """The column has the mapped value; those the map does not speak of stay as they were."""
    filled = _applied(raw, kind, values)
    assert filled[column] == value
    assert {k: v for k, v in filled.items() if k != column} == {
        k: v for k, v in values.items() if k != column
    }


@pytest.mark.parametrize(
    ("raw", "what", "remedy"),
    [
        ({"requisition.priorty": "custom.x"}, "unknown", "requisition.priority"),
        ({"requisitions.priority": "custom.x"}, "unknown", "requisition.priority"),
        ({"requisition.priority": "customs.x"}, "unknown", "custom"),
        ({"requisition.priority": 3}, "must be text", ""),
        ({"requisition.recruiter": "custom.x"}, "computed", "Map what it reads"),
        ({"requisition.on_hold": "custom.x"}, "needs a condition", "equals"),
        ({"requisition.on_hold": {"field": "custom.x"}}, "`field` and `equals`", "On hold"),
        ({"requisition.title": {"field": "custom.x", "equals": "y"}}, "yes-or-no", ""),
        ({"stage_kind": {"Review": "revew"}}, "unknown", "review"),
        ({"stage_kind": "review"}, "must be a table", ""),
        ({"brief.must_have": "custom.x"}, "unknown", "brief.must_haves"),
        ({"brief.sections": "custom.x"}, "put together", "brief.must_haves"),
        ({"brief.agreed": "custom.x"}, "unknown", "brief.agreed.recruiter"),
        ({"brief.agreed.manager": "custom.x"}, "unknown", "brief.agreed.hiring_manager"),
        ({"brief.must_haves": 3}, "must be text", ""),
        ({"brief.must_haves": "costum.x"}, "unknown", "custom"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(raw, what, remedy):
    """ConfigError names account and key, and the nearest valid word."""
    with pytest.raises(ConfigError) as caught:
        parse_map(raw, "acme")
    assert what in caught.value.what
    assert remedy in caught.value.remedy
    assert caught.value.where.startswith(f"[accounts.acme.map] {next(iter(raw))}")


def test_parts_of_a_brief_are_lines_of_their_own():
    """Sections, one's own among them, and the days each side agreed; no stream owns them."""
    raw = {
        "brief.must_haves": "custom.must",
        "brief.team_rituals": "priority",
        "brief.agreed.recruiter": "custom.kickoff",
    }
    made = parse_map(raw, "acme")
    assert made.lines == ()
    assert [(one.part, one.source, one.key) for one in made.briefs] == [
        ("must_haves", "custom", "must"),
        ("team_rituals", "priority", ""),
        ("agreed.recruiter", "custom", "kickoff"),
    ]
    with pytest.raises(ConfigError, match=r"brings no requisition\.priority"):
        parse_map(raw, "acme", [_stream("a", requisition=("custom",))])


def test_a_source_that_no_stream_brings_is_an_error():
    """A map that can never fill anything is a mistake, not a wish."""
    with pytest.raises(ConfigError, match=r"brings no application\.tags"):
        parse_map({"application.concern": "tag:x"}, "acme", [_stream("a", application=("status",))])


def test_a_mapped_column_belongs_to_the_stream_of_its_source():
    """And to no other: two streams never own one column."""
    streams = [
        _stream("jobs", requisition=("title", "custom")),
        _stream("plans", requisition=("priority", "kind")),
    ]
    owned = parse_map({"requisition.priority": "custom.p"}, "acme", streams).owned(streams)
    assert owned == {
        "jobs": {"requisition": ("title", "custom", "priority")},
        "plans": {"requisition": ("kind",)},
    }


def test_a_new_mapping_reads_the_list_whole_once_and_makes_no_ordinary_change(memory, world):
    """Stored records get the field with origin `mapping`; a real change of that read is one."""
    world.store = memory
    for row in world.ats.rows["jobs"]:
        row["custom"] = {"level": "C"}
    world.sync()
    world.map = parse_map({"requisition.priority": "custom.level"}, "acme", world.ats.streams)
    world.sync(after=MINUTE)
    assert world.ats.asked[-1][1] is None
    assert {r["priority"] for r in memory.kept.values()} == {"C"}
    assert memory.log == []
    world.map = parse_map({"requisition.priority": "custom.rank"}, "acme", world.ats.streams)
    world.ats.rows["jobs"][0]["name"] = "renamed"
    report = world.sync(after=MINUTE)["jobs"]
    assert report.changed == 5
    assert sorted({(c[0], c[3]) for c in memory.log}) == [
        ("priority", "mapping"),
        ("title", "poll"),
    ]
    world.sync(after=MINUTE)
    assert world.ats.asked[-1][1] is not None


def test_a_raised_version_is_a_mapping_of_every_field(memory, world):
    """The connector's author changed what rows mean: nothing happened in the ATS."""
    from dataclasses import replace

    world.store = memory
    world.sync()

    def louder(row):
        yield Fragment("requisition", str(row.id), {"title": row.name.upper(), "custom": {}})

    jobs = replace(world.ats.streams[0], normalize=louder, version=2)
    world.ats.spec = replace(world.ats.spec, streams=(jobs,))
    assert world.sync(after=MINUTE)["jobs"].changed == 5
    assert {c[3] for c in memory.log} == {"mapping"}


def test_a_list_is_asked_only_where_it_has_something_to_say():
    """What only a map can use waits for such a map; what a map fills instead is spared."""
    jobs = _stream("jobs", requisition=("title", "custom"))
    pay = _stream("pay", requisition=("pay_min",))
    tags = replace(_stream("tags", application=("tags",)), only_if_mapped=True)
    streams = (jobs, pay, tags)

    def asked(**raw):
        return [
            s.name
            for s in parse_map(
                {k.replace("__", "."): v for k, v in raw.items()}, "acme"
            ).select_streams(streams)
        ]

    assert asked() == ["jobs", "pay"]
    assert asked(application__concern="tag:concern*") == ["jobs", "pay", "tags"]
    assert asked(requisition__pay_min="custom.pay") == ["jobs"]
