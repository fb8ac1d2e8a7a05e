"""The prose of docs/rules.md: the paragraphs between its generated tables."""

from __future__ import annotations

HEAD = """\
# Rules: the language of packs

Generated from the code by `{command}`; a test checks that it is current.
In a terminal, `atsbridge rules schema` shows the same. `atsbridge rules schema interview.seat`
shows what a rule on seats can read. `atsbridge rules schema --json` is a JSON Schema for editors.

A pack is a YAML file with rules. Write one with `atsbridge rules new PACK`, best in an
[editor](editor.md) that knows the keys. Its `description` says in one line what it is
for; `atsbridge init` shows that line. Then, in this order:

1. `atsbridge rules check FILE` reports every mistake, with its line and what to write instead.
2. `atsbridge rules test` runs the tests in the pack.
3. `atsbridge rules preview RULE` shows its messages on real candidates.
4. `atsbridge rules backtest RULE --sweep target=1bd,2bd` shows the past 90 days with each target.
5. `atsbridge plan --rules FILE` shows what the pack would change today.
6. `atsbridge rules promote RULE` raises the status: from `draft` to `shadow`, and after some days
   in shadow to `live`.

A `draft` is not evaluated. A rule in `shadow` is evaluated, and its messages are kept for you to
read. A `live` rule sends them. `atsbridge explain` shows how a rule came to its result.

A mistake stops only its own rule. The open cases of that rule stay as they are, it sends no
messages, and ops get one message. After the correction, the rule catches up. A file that is not
YAML stops every rule in it. Calendars, teams (`owner`) and other rules (`muted_by`) must exist.

Write plain numbers: `80.000`, `1,234` and `80k` are ambiguous and refused. `NO`, `on` and `12:30`
are text. YAML tags, merge keys and a second document are refused. A file has at most 4 MB, 100,000
keys and values, 40 levels and 500 aliases.

This is a whole pack:

```yaml
{example}```

Each `at` of a test is one run at that time. The run does not see facts with a later date. Messages
of earlier runs have arrived. `sent` lists everything that this run sends: `to` as in the step (or
the owner's team, if nobody has the role), and a `text` that must occur in the message. A person is
written as `{{timezone, country, name, holidays, away}}`. All other people are at work, in UTC and
without holidays.
"""
STEPS = """\
`to` is a path to a person, `"channel:#name"`, `team:name` of the settings, or `ats`. A custom field
that holds a person's id or e-mail address is such a path, too: `requisition.custom.hr_partner`.

* `requisition.hiring_manager.manager` is the person the hiring manager reports to.
  `.manager.manager` is one level higher. Managers come from `[people]`, people files or a plugin,
  else from the ATS (`user.manager`, which an account may map).
* `requisition.department.head` is the head of the department, from `[directory.heads]`.

If that person is not known, the message goes to the rule's owner and says so. Nobody above the pair
gets a message unless a step names them. `via: digest` waits for the reader's next daily summary.

`to: ats` leaves a note on the application. A rule about a requisition leaves it there. With `tag`,
the step puts a tag on the application instead. With `set`, it sets a custom field. When the case
ends, the tag is taken off and the field is emptied, unless somebody put it there before or changed
it since. The account must allow each of these in `write`: `application_note`, `job_note`, `tag`,
`application_field`. A write that is not allowed is left out, and `plan` says so.

For example `{at: due, to: ats, tag: feedback late}`, and
`{at: +1bd, to: ats, set: {field: custom.sla, value: late}}`.
"""
TESTS = """\
`given` has the fields of the record and of the records it belongs to, and these blocks. Entries of
`records` belong to the tested record (or to those it belongs to) unless they name another one. A
field in `changes` has its `from` value until its first change, then the value of each change.
`origin: announced` marks a change that somebody announced. `answers` are replies about the open
case: {says}.
"""
MESSAGES = """\
A rule needs a `message`. It may have other texts for other times and readers:

* `message_ahead` is sent before the due instant.
* `message_late` is sent by the steps after due.
* `message` of a step replaces the other texts for that step. Quiet hours can delay a message, so
  the text must still be true when it is sent.

In the daily summary, a promise is one line: its title, when it is due, and on whom it waits. A step
with its own `message` and a check have their text there. The title stands before it, unless the
text names the role, and the candidate if there is one.

Write "you" only to the person who has to act. A step to somebody else needs a `message` that names
this person: `{clock.owed_by}`. Where the reader is this person, they get the rule's text instead.
`atsbridge rules check` reports a "you" to anybody else.

A text may hold `{path}`, with the path of a field below, and these placeholders:
"""
SENDING = """\
`application.assignee` is the person who has to act on an application now: the interviewer who owes
feedback, the manager who has a profile to review, the recruiter or coordinator who has to take the
next step. `application.assignee_role` is the role, and `application.assignee_since` the start.
While the candidate has to act, there is no assignee, and the role is `candidate`. If a rule has
`application.assignee` as `owed_by` and `to`, it follows the application from person to person.

The circuit breaker holds the messages of a rule if, in one run, more than 25 of its cases open and
these are more than 5% of the records it watches. So a rule that was changed by mistake reaches
nobody. The run ends with exit code 3, and ops get one message. `atsbridge notices` lists the held
messages. `atsbridge notices release RULE` sends them, `atsbridge notices drop RULE` drops them.
"""
CLOCKS = """\
A rule has a clock or a check. `sla`, `quiet`, `order` and `celebrate` have a clock. It runs from
its start until its stop, and is due when the target has passed. `pause` stops the count, `reset`
starts it again, and `cancel` ends it. If several events happen at one instant, they count in this
order: cancel, stop, reset, pause, start.

The clock counts in the time zone, office hours, holidays and leave of the person in `owed_by`.
After a hand-over, the next person's count. Without `owed_by`, the account's calendar counts.
[Working time](worktime.md) explains the units.

All other kinds have a check, which finds something or nothing. It is due as soon as it finds
something, so its steps come at `due` or later, counted on `calendar`. `changed`, `celebrate` and
`recurring` report news: nobody owes anything, and nobody gets a message when the case ends.

A rule with `each: user` is about a person: interviews in a week, late scorecards, declined
invitations. Its steps go `to: user`, to that person alone. No list, summary, preview or report
shows its cases. If the person cannot be reached, nobody gets the message. It counts only records
that have been read.
"""
CONDITIONS = """\
Write `field: value`, or `field: {comparison: value}`. All lines of a block must be true. A block
under `any` needs one true line, a block under `none` no true line, a block under `all` only true
lines.

`older_than: 60d` is true from 60 days after the event. `within: 7d` is true while the event is less
than 7 days away, in the past or ahead. `within_next: 7d` is true while the event is ahead and less
than 7 days away. `bd` and `bh` count on the rule's `calendar`, in the zone and holidays of the
account and without anybody's leave, because a condition is about the record. A date without a time
is the whole day.

`contains: senior` finds the text anywhere in the field. `like: "Senior *"` compares the whole
field: `*` stands for any text, `?` for one character. Both ignore upper and lower case. On a list,
one matching entry is enough.

To read one key of a block, write it after the path: `requisition.custom.level: senior`,
`requisition.brief.sections.must_haves: {is: set}`. Its value may be text, a number, true or false,
or a list. It takes `in`, `not_in`, `any_of`, `none_of`, `contains`, `like`, `is` and, for numbers,
`gt`, `gte`, `lt` and `lte`. A comparison with a value of another type is false. Messages and
`target_by` can use such a path, too. Custom fields may hold pay, so a message shows one only if the
sink's clearance is `compensation`, or if the account declares the field
(`[accounts.NAME.sensitivity]`).
"""
RECORDS = """\
A path starts with the rule's own record, or with a record that it belongs to. It may follow links:
`seat.user.name`. The column *absent* says what an empty field means. If it is `unknown`, the rule
sends nothing. The same holds for a status of the ATS that atsbridge does not know: whether it is
`active` is unknown, and only a condition on `other` holds.
"""
COVERAGE = """\
*Full*: the ATS supplies all fields that the rule needs. *Since install*: some dates are known only
from the first sync on. *With mapping*: `[accounts.X.map]` must name the field. *No*: this ATS does
not supply a field that the rule needs.

If an account lacks a field that a live rule needs, the rule is shadow there. Rules that need dates
known only *since install* ship as shadow, because events before the first sync look as if they had
never happened. After some weeks, `atsbridge rules promote` makes them live, and its backtest says
which dates were missing. Rules on changes need no past.
"""
