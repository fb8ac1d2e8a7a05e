"""What a rule may say, from the kinds and the catalog: for browsing, and as the page of docs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pydantic import BaseModel

from atsbridge.model import KINDS, Field, FieldType, Null, answers_when_absent, resolve, roots
from atsbridge.ports import AnyRuleKind, ConnectorSpec
from atsbridge.rules.compile import CoverageLevel, answered, coverage
from atsbridge.rules.language import OPERATORS, PLACEHOLDERS, RuleKeys, StepKeys, example
from atsbridge.rules.pack_tests import BLOCKS, SAYS
from atsbridge.rules.reference.key_meanings import COMMON, STEP, find_example, find_meaning
from atsbridge.rules.reference.key_shapes import list_shapes
from atsbridge.rules.reference.page_examples import EXAMPLE, TESTED
from atsbridge.rules.rule import Rule

_ABSENT = {
    Null.NOT_YET: "not yet",
    Null.NONE: "there is none",
    Null.UNKNOWN: "nobody can tell",
}
COMMAND = "atsbridge rules schema --markdown > docs/rules.md"

_HEAD = """\
# Rules: what a pack may say

Generated from the code by `{command}`; a test holds it in step.
In a terminal `atsbridge rules schema` shows the same, `atsbridge rules schema interview.seat` what
a rule on seats can read; `atsbridge rules schema --json` is a JSON Schema for editors.

A pack is a YAML file with rules. Write one with `atsbridge rules new PACK`, best in an
[editor](editor.md) that knows the keys. Its `description` says in one line what it is
for; `atsbridge init` shows that line. Then, in this order:

1. `atsbridge rules check FILE` reports every mistake, with its line and what to write instead.
2. `atsbridge rules test` runs the tests in the pack.
3. `atsbridge rules preview RULE` shows its messages on real candidates.
4. `atsbridge rules backtest RULE --sweep target=1bd,2bd` shows the past 90 days with each target.
5. `atsbridge plan --rules FILE` shows what the pack would change today.
6. `atsbridge rules promote RULE` takes the rule one step further: live after days in shadow.

A rule is first a `draft`: nothing watches it. As `shadow` it is watched, and its messages are kept
for you to read. As `live` it sends them. `atsbridge explain` says why a rule says what it says.

A mistake stops its own rule and no other. The open cases of that rule stay as they are, nobody gets
a message of it, and ops get one. After the correction, the rule catches up. A file that is no YAML
stops every rule in it. Calendars, teams (`owner`) and other rules (`muted_by`) must exist. Write
plain numbers: `80.000`, `1,234` and `80k` may mean two things and are refused. `NO`, `on` and
`12:30` are text. YAML tags, merge keys and a second document are refused. A file has at most 4 MB,
100,000 keys and values, 40 levels and 500 aliases.

This is a whole pack:

```yaml
{example}```

Each `at` of a test is one run at that time. The run does not know yet what is dated later, and what
an earlier run sent has arrived. `sent` lists everything that this run sends: `to` as in the step
(or the owner's team, where nobody has the role), and `text`, which must occur in the message. A
person is written as `{{timezone, country, name, holidays, away}}`. Everybody else is at work, in
UTC and without holidays.
"""
_STEPS = """\
`to` is a path to a person, `"channel:#name"`, `team:name` of the settings, or `ats`. A custom field
that holds a person's id or e-mail address is such a path, too: `requisition.custom.hr_partner`.
After a person, `.manager` is whom they report to, and `.manager.manager` the one above:
`requisition.hiring_manager.manager`. `requisition.department.head` is the head of the department.
Managers come from `[people]`, people files or a plugin, else from the ATS (`user.manager`, which
an account may map); heads from `[directory.heads]`. Where none is known, the message goes to the
rule's owner and says so. Nobody above the pair hears anything unless a step names them.
`via: digest` waits for the reader's next morning.

`to: ats` leaves a note on the application, or on the requisition of a rule that is about no
application. With `tag` or `set` it puts a tag on the application, or sets a field, in place of the
note. When the case ends, the tag is taken off and the field is emptied, unless somebody put it
there before or changed it since. The account must allow each of these in `write`:
`application_note`, `job_note`, `tag`, `application_field`. What it does not allow is left out, and
`plan` says so.

For example `{at: due, to: ats, tag: feedback late}`, and
`{at: +1bd, to: ats, set: {field: custom.sla, value: late}}`.
"""
_TESTS = """\
`given` has the facts of the record and of what it belongs to, and these blocks. Records that do not
say whose they are belong to the record, or to what that belongs to. A field in `changes` has its
`from` value until its first change, then the value of each change. `origin: announced` is a change
that somebody announced. Answers are what people reply about the open case: {says}.
"""
_MESSAGES = """\
A rule needs a `message`. It may have other texts for other times and readers:

* `message_ahead` is sent before the due instant.
* `message_late` is sent by the steps that come after due.
* `message` on a step is what that step sends, whenever it comes. A message held over quiet hours is
  sent later than its step, so the text must still be true then.

Write "you" only to whoever has to act. A step that goes to somebody else needs a `message` that
names who has to act: `{clock.owed_by}`. `atsbridge rules check` reports a "you" to anybody else.

A text may hold `{path}`, where the path is one of the fields below, and these words:
"""
_SENDING = """\
`application.assignee` is the person who has to act on an application now: the interviewer who owes
feedback, the manager who has a profile to review, the recruiter or coordinator who has to take the
next step. `application.assignee_role` says in which role, `application.assignee_since` since when.
While the candidate has to act, it is nobody, and the role is `candidate`. Use it as `owed_by` and
as `to` in a rule on the next step: then the rule follows the application from person to person.

The circuit breaker holds the messages of a rule when more than 25 of its cases open in one run, and
more than 5% of what it watches. So a rule that was changed by mistake reaches nobody. The run ends
with exit code 3, and ops get one message. `atsbridge notices` lists what is held. Then
`atsbridge notices release RULE` sends it and `atsbridge notices drop RULE` drops it.
"""
_CLOCKS = """\
A rule has a clock or a check. `sla`, `quiet`, `order` and `celebrate` have a clock. It runs from
its start until its stop, and is due when the target has passed. `pause` stops the count, `reset`
starts it again, and `cancel` calls it off. Of events at one instant a cancel counts first, then a
stop, a reset, a pause and the start. The time of `owed_by` counts: their time zone, office hours,
holidays and leave. After a hand-over it is the time of the next person. Without `owed_by` the
account's own calendar counts. [Working time](worktime.md) says what counts in each unit.

All other kinds have a check, which finds something or nothing. It is due as soon as it finds
something, so its steps come at `due` or later, counted on `calendar`. `changed`, `celebrate` and
`recurring` bring news: nobody owes anything, and nobody gets a message when it is over.

A rule with `each: user` is about a person: interviews in a week, late scorecards, invitations that
were declined. Its steps go `to: user`, to that person alone. It counts for no side of a report, and
its cases are in no list, summary or preview. Where the person cannot be reached, nobody gets the
message. It counts what has been read.
"""
_CONDITIONS = """\
Write `field: value`, or `field: {comparison: value}`. All lines of a block must hold. `any` holds a
block of which one line is enough, `none` one of which no line may hold, `all` one that must hold.

`older_than: 60d` holds from 60 days after the event on. `within: 7d` holds while the event is less
than 7 days away from now, in the past or ahead. `within_next: 7d` holds while it lies ahead and
less than 7 days away. `bd` and `bh` count on the rule's `calendar` in the account's own zone and
holidays, nobody's leave: a condition is about the record and not about who owes. A field without a
time lasts from the first to the last instant of its day.

`contains: senior` looks for the text anywhere in the field, `like: "Senior *"` compares the whole
field: `*` stands for any text, `?` for one character. Neither minds capitals. In a list one entry
is enough.

A key inside a block of keys is written after its path: `requisition.custom.level: senior`,
`requisition.brief.sections.must_haves: {is: set}`. It may hold text, a number, true or false, or a
list, and takes `in`, `not_in`, `any_of`, `none_of`, `contains`, `like`, `is` and, for numbers,
`gt`, `gte`, `lt` and `lte`. A comparison with a value of another type is false. The same path may
stand in a message and in `target_by`. A customer's own fields may hold pay, so a message shows them
only where the sink's clearance is `compensation`, or where the account's settings declare the field
(`[accounts.NAME.sensitivity]`).
"""
_RECORDS = """\
A path starts with the rule's own record, or with a record that it belongs to. It may follow links:
`seat.user.name`. *Absent* says what an empty field means. Where it means that nobody can tell, the
rule stays silent.
"""
_COVERAGE = """\
*Full*: the ATS supplies everything that decides. *Since install*: some dates are known only from
the first sync on. *With mapping*: `[accounts.X.map]` must say where the field is. *No*: this ATS
never supplies it.

On an account that lacks what decides a live rule, the rule is shadow. Rules that need dates known
only *since install* ship as shadow, because what happened before the first sync may look as if it
never happened. After some weeks, `atsbridge rules promote` makes them live, and its backtest says
which dates were missing. Rules on changes need no past.
"""


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """One path that rules on a kind of record may use."""

    path: str
    type: str
    absent: str
    reader: str
    doc: str


def list_fields(subject: str) -> list[FieldEntry]:
    """Every path for subjects of this kind without links followed; the nearest records first."""
    starts = roots(subject)
    return [
        _entry(
            field,
            f"{root}.{name}",
            _ABSENT[answers_when_absent(resolve(subject, f"{root}.{name}"))],
        )
        for root in sorted(starts, key=lambda name: len(starts[name]))
        for name, field in KINDS[root].fields.items()
    ]


def list_kind_keys(kind: AnyRuleKind) -> dict[str, str]:
    """The keys that a kind adds to those of every rule, each with a right line.

    Keys of a block are written with its name: "clock.start".
    """
    found: dict[str, str] = {}
    for name, info in kind.schema.model_fields.items():
        if name in RuleKeys.model_fields:
            continue
        block = info.annotation
        if isinstance(block, type) and issubclass(block, BaseModel):
            found |= {f"{name}.{one}": find_example(kind, one) for one in block.model_fields}
        else:
            found[name] = find_example(kind, name)
    return found


def render_page(
    kinds: Mapping[str, AnyRuleKind], rules: Iterable[Rule], connectors: Sequence[ConnectorSpec]
) -> str:
    """The page of docs on the rule language."""
    sections = (
        _head(),
        _common(),
        _steps(),
        _kinds(kinds),
        _conditions(),
        _messages(),
        _sending(),
        _tests(),
        _records(),
        _coverage(list(rules), connectors),
    )
    return "\n".join(line.rstrip() for part in sections for line in part) + "\n"


def _head() -> Iterator[str]:
    yield from _HEAD.format(command=COMMAND, example=EXAMPLE).splitlines()
    yield ""


def _common() -> Iterator[str]:
    yield from ("## Keys of every rule", "")
    yield from _key_table(RuleKeys, COMMON.get)


def _steps() -> Iterator[str]:
    yield from ("## Steps", "", *_STEPS.splitlines(), "")
    yield from _key_table(StepKeys, STEP.get)


def _kinds(kinds: Mapping[str, AnyRuleKind]) -> Iterator[str]:
    yield from ("## Kinds of rules", "", *_CLOCKS.splitlines(), "")
    for name, kind in kinds.items():
        yield from (f"### `{name}`", "", kind.question, "")
        own = list_kind_keys(kind)
        yield from _key_table(kind.schema, partial(find_meaning, kind), own)


def _key_table(
    model: type[BaseModel],
    find: Callable[[str], str | None],
    own: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """The keys of a model, `own` ones only where they are given, with all that is known of them."""
    rows = [
        (
            f"`{one.name}`",
            one.type,
            one.default,
            f"`{(own or {}).get(one.name) or example(one.name.rpartition('.')[2])}`",
            find(one.name) or "",
        )
        for one in list_shapes(model)
        if own is None or one.name in own
    ]
    yield from _table(("key", "type", "default", "for example", "meaning"), rows)


def _conditions() -> Iterator[str]:
    yield from ("## Conditions", "")
    yield from (*_CONDITIONS.splitlines(), "")
    rows = [
        (str(kind), ", ".join(f"`{name}`" for name in known)) for kind, known in OPERATORS.items()
    ]
    yield from _table(("a field of type", "comparisons"), rows)


def _messages() -> Iterator[str]:
    yield from ("## Messages", "")
    yield from (*_MESSAGES.splitlines(), "")
    yield from _table(("word", "says"), [(f"`{{{w}}}`", says) for w, says in PLACEHOLDERS.items()])


def _sending() -> Iterator[str]:
    yield from ("## Whom a message reaches, and when it is held", "", *_SENDING.splitlines(), "")


def _tests() -> Iterator[str]:
    yield from ("## Tests", "")
    yield from (*_TESTS.format(says=", ".join(f"`{one}`" for one in SAYS)).splitlines(), "")
    rows = [(f"`{name}`", f"`{line}`") for name, line in BLOCKS.items()]
    yield from _table(("under `given`", "for example"), rows)
    yield from ("```yaml", *TESTED.splitlines(), "```", "")


def _records() -> Iterator[str]:
    yield from ("## Records and their fields", "")
    yield from (*_RECORDS.splitlines(), "")
    for name, kind in KINDS.items():
        above = [root for root in roots(name) if root != name]
        doc = " ".join((inspect.getdoc(kind.record) or "").split("\n\n")[0].split())
        belongs = f" Belongs to {', '.join(above)}." if above else ""
        yield from (f"### `{name}`", "", f"{doc}{belongs}", "")
        fields = [_entry(one, one.path, _ABSENT[one.null]) for one in kind.fields.values()]
        yield from _table(
            ("field", "type", "absent", "who may read", "meaning"),
            [(f"`{w.path}`", w.type, w.absent, w.reader, w.doc) for w in fields],
        )


def _coverage(rules: Sequence[Rule], connectors: Sequence[ConnectorSpec]) -> Iterator[str]:
    yield from ("## Built-in rules and what each ATS gives them", "", *_COVERAGE.splitlines(), "")
    found = [(rule, [coverage(rule, spec) for spec in connectors]) for rule in rules]
    rows = []
    for rule, levels in found:
        mark = "" if answered(levels) else " (no ATS tells it)"
        labels = (one.level.label for one in levels)
        rows.append((f"`{rule.id}`{mark}", rule.kind, *labels, rule.title))
    yield from _table(("rule", "kind", *(spec.title for spec in connectors), "watches"), rows)
    for rule, levels in found:
        for spec, one in zip(connectors, levels, strict=True):
            if one.level is not CoverageLevel.FULL:
                yield f"* `{rule.id}` on {spec.title}: {'; '.join(one.why)}"


def _entry(field: Field, path: str, absent: str) -> FieldEntry:
    kind = f"{field.ref} (link)" if field.ref else str(field.type)
    if field.type is FieldType.ENUM:
        kind = ", ".join(field.values)
    doc = f"{field.doc} ({field.unit})" if field.unit else field.doc
    derived = f"; derived: {field.derived}" if field.derived else ""
    return FieldEntry(path, kind, absent, field.sensitivity.name.lower(), f"{doc}{derived}")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""
