"""The store's own tables: state of streams, cases, notices, settings of people.

The tables of records are in `record_tables`; `migrations` brings an old store to these.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Column, Index, LargeBinary, text

from atsbridge.store.database.partnership_tables import BRIEF_VERSIONS as BRIEF_VERSIONS
from atsbridge.store.database.record_tables import RECORDS, TEXT
from atsbridge.store.database.record_tables import metadata as metadata
from atsbridge.store.database.table_parts import default_text as _default
from atsbridge.store.database.table_parts import flag_column as _flag
from atsbridge.store.database.table_parts import number_column as _number
from atsbridge.store.database.table_parts import own_table as _own
from atsbridge.store.database.table_parts import partial_index as _partial
from atsbridge.store.database.table_parts import text_column as _text
from atsbridge.store.database.table_parts import whole_column as _whole


def layout() -> str:
    """Changes with every table, column and index here that is not the catalog's."""
    own = {table for table in metadata.tables.values() if table not in RECORDS.values()}
    parts = [f"{t.name}.{c.name}:{c.type}:{c.nullable}" for t in own for c in t.columns]
    parts += [f"{t.name} {i.name}" for t in metadata.tables.values() for i in t.indexes]
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()[:8]


META = _own("meta", _text("name", key=True), _text("value"), rowid=False)
CHANGES = _own(
    "changes",
    _number(),
    _text("account"),
    _text("kind"),
    _text("id"),
    _text("field"),
    _text("old", null=True),
    _text("new", null=True),
    _whole("occurred_at", null=True),
    _whole("observed_at"),
    _text("origin"),
    _text("actor", null=True),
    Index("changes_by_record", "account", "kind", "id", "field"),
)
# `number` stands for (account, stream) in digests; `bit` is the stream's place in `parts`;
# `creates`: the kinds it creates, "" before it was written to. `whole_read_at`, `whole_reads`: the
# last whole read of a list that is not believed, and how many there were in a row. `token`: the
# vendor's sync token of the last read, NULL where it gave none. `whole_at`: the last whole read.
STREAMS = _own(
    "streams",
    _number(),
    _text("account"),
    _text("stream"),
    _whole("bit"),
    _text("status"),
    _whole("bookmark", null=True),
    _whole("read_at", null=True),
    _whole("since", null=True),
    _whole("open", null=True),
    _text("detail"),
    _text("fingerprints"),
    _text("owns"),
    Column("creates", TEXT, nullable=False, server_default=text("''")),
    _text("doubt", null=True),
    _whole("whole_read_at", null=True),
    _whole("whole_reads", null=True),
    _text("token", null=True),
    _whole("whole_at", null=True),
    _text("facts", null=True),
    Index("streams_by_name", "account", "stream", unique=True),
)
# `kind`: the kind of record whose id `parent` is.
WORK = _own(
    "work",
    _text("account", key=True),
    _text("stream", key=True),
    _text("parent", key=True),
    _whole("since"),
    _text("kind", null=True),
    rowid=False,
)
# When the children of a parent were last read.
ASKED = _own(
    "asked",
    _text("account", key=True),
    _text("stream", key=True),
    _text("parent", key=True),
    _whole("at"),
    rowid=False,
)
# `brought`: the kind of the one record with the row's own id, or JSON [[kind, id], ...].
DIGESTS = _own(
    "digests",
    _whole("stream", key=True),
    _text("id", key=True),
    Column("hash", LargeBinary, nullable=False),
    _text("brought"),
    rowid=False,
)
# The row with empty kind and id stands for the whole account.
DIRTY = _own(
    "dirty",
    _text("account", key=True),
    _text("kind", key=True),
    _text("id", key=True),
    rowid=False,
)
AGENDA = _own(
    "agenda",
    _text("account", key=True),
    _text("kind", key=True),
    _text("id", key=True),
    _whole("look_at"),
    Index("agenda_by_time", "account", "look_at", "kind"),
    rowid=False,
)
CASES = _own(
    "cases",
    _number(),
    _text("account"),
    _text("rule"),
    _text("kind"),
    _text("id"),
    _whole("opened_at"),
    _text("clock"),
    _text("handling"),
    _whole("handling_until", null=True),
    _text("ending", null=True),
    _whole("ended_at", null=True),
    _text("end_reason"),
    _whole("started_at", null=True),
    _whole("due_at", null=True),
    _text("owed_by", null=True),
    _text("steps_done"),
    _default("first_look", "none"),
    _text("false_facts", null=True),
    _text("finding", null=True),
    _text("end_params", null=True),  # JSON object; `end_reason` is the code
    Index("cases_by_subject", "account", "kind", "id"),
    _partial("cases_open", "account", "rule", "kind", "id", where="ending IS NULL", unique=True),
)
# One run of a rule's clock on one subject; not ended: it is watched until it ends.
PROMISES = _own(
    "promises",
    *(_text(name, key=True) for name in ("account", "rule", "kind", "id")),
    _whole("started_at", key=True),
    *(_text(name) for name in ("side", "outcome", "why")),
    *(_whole(name, null=True) for name in ("due_at", "ended_at", "counted_at")),
    _whole("worked", null=True),  # milliseconds, as are paused and holidays
    *(_whole(name) for name in ("paused", "holidays")),
    *(_text(name, null=True) for name in ("owed_by", "requisition", "stage")),
    *(_text(name, null=True) for name in ("recruiter", "manager")),
    Index("promises_by_time", "account", "counted_at"),
    _partial("promises_open", "account", "kind", "id", where="ended_at IS NULL"),
    rowid=False,
)
TRANSITIONS = _own(
    "transitions",
    _number(),
    _whole("case_number"),
    _whole("at"),
    _text("name"),
    _text("reason"),  # a code of model.reason
    _text("actor"),
    _text("params", null=True),  # JSON object: the parameters of the reason
    Index("transitions_by_case", "case_number"),
)
NOTICES = _own(
    "notices",
    _text("key", key=True),
    _text("account"),
    _whole("case_number"),
    _text("rule"),
    _text("kind"),
    _text("id"),
    _text("destination"),
    _text("purpose"),
    _whole("step"),
    _text("state"),
    _text("hold", null=True),
    _text("drop_code", null=True),
    _text("drop_params", null=True),  # JSON object
    _text("error_code", null=True),
    _text("error_text", null=True),
    _flag("departed"),  # while it is being sent: the sink may have it
    _whole("not_before", null=True),
    _whole("attempts"),
    _whole("created_at", null=True),
    _whole("sent_at", null=True),
    _text("receipt"),  # JSON object: the sink's ids
    _text("headline", null=True),  # of answers and messages to the operators, until they are sent
    _text("body", null=True),
    _text("more_text", null=True),  # JSON: hint, chart and parts of a message to a pair
    _default("digest"),  # key of the digest that listed it
    _default("answers"),  # key of the message about no case that it answers
    _default("pair"),  # JSON list of e-mail addresses
    _default("summary_cases"),  # JSON list of numbers
    _default("replies"),  # JSON list of ids
    _flag("help_sent"),
    _flag("handed_on"),
    _flag("refused_edit"),
    _flag("foreign_tag"),
    _flag("edition"),  # of a message to a pair: the version, or the round, that it is about
    Index("notices_by_case", "case_number"),
    _partial("notices_apart", "account", "purpose", "sent_at", where="case_number = 0"),
    _partial(
        "notices_unsent",
        *("account", "state"),
        where="state IN ('queued', 'retry', 'sending', 'held')",
    ),
)
# Who was disturbed on which of their local days, by which notice: over all accounts.
INTERRUPTIONS = _own(
    "interruptions",
    _text("person", key=True),
    _text("day", key=True),
    _text("key", key=True),
    Index("interruptions_by_key", "key"),
    rowid=False,
)
# "Not me": who answers for a subject in another's place ("": the rule's owner).
REASSIGNED = _own(
    "reassigned",
    _text("account", key=True),
    _text("kind", key=True),
    _text("id", key=True),
    _text("person", key=True),
    _text("instead"),
    rowid=False,
)
# What people chose about their own messages, oldest first; by e-mail address, over all accounts.
CHOICES = _own(
    "choices",
    _number(),
    *(_text(name) for name in ("person", "topic", "value")),
    _whole("at"),
    _text("actor"),
    Index("choices_by_person", "person"),
)
# What each of a pair answered after a search; the answers are erased once both have read them.
PULSES = _own(
    "pulses",
    *(_text(name, key=True) for name in ("account", "requisition", "person")),
    _whole("asked_at"),
    *(_whole(name, null=True) for name in ("clear", "quick", "shown_at")),
    rowid=False,
)
# Replies that came by themselves (a button, a text in a thread), until a run applies them.
# `key`: of the notice; `answered`: 1 where the author has the answer already.
RECEIVED_REPLIES = _own(
    "received_replies",
    *(_text(name, key=True) for name in ("key", "mark")),
    *(_text(name) for name in ("account", "email", "name", "text")),
    _whole("received_at"),
    _whole("answered", null=True),
    Index("received_replies_by_account", "account", "received_at"),
    rowid=False,
)
SILENCES = _own(
    "silences",
    _number(),
    _text("account"),
    _text("rule"),
    _text("kind"),
    _text("id"),
    _whole("start_at"),
    _whole("end_at"),
    _text("author"),
    _text("comment"),
)
OWN_WRITES = _own(
    "own_writes",
    _text("account", key=True),
    _text("kind", key=True),
    _text("id", key=True),
    _text("written", key=True),
    _whole("at"),
    rowid=False,
)
# Records of whom is forgotten, by a mark that only this store can make of their ids.
FORGOTTEN = _own(
    "forgotten",
    _text("account", key=True),
    _text("mark", key=True),
    _whole("at"),
    rowid=False,
)
# The fencing number of an account's lock: each hold takes the next, and a write by an older one
# is refused.
FENCES = _own("fences", _text("account", key=True), _whole("number"), rowid=False)
# How much of a credential's rate limit is used, by all processes. `at`: microseconds.
RATES = _own("rates", _text("credential", key=True), _text("state"), _whole("at"), rowid=False)
CACHE = _own("cache", _text("key", key=True), Column("value", LargeBinary, nullable=False))
# What webhooks say has changed, until it was read again. `key`: the same for a repeated delivery.
HINTS = _own(
    "hints",
    _number(),
    _text("account"),
    _text("key"),
    _text("kind"),
    _text("ids"),  # JSON list
    _whole("received_at"),
    _whole("tries"),
    _whole("done_at", null=True),
    Index("hints_by_key", "account", "key", "kind", unique=True),
    _partial("hints_pending", "account", "number", where="done_at IS NULL"),
)
# How many deliveries of each account arrived, and how many changes runs found since the last.
WEBHOOKS = _own(
    "webhooks",
    _text("account", key=True),
    _whole("received"),
    _whole("received_at", null=True),
    _whole("repeated"),
    _whole("refused"),
    _whole("refused_at", null=True),
    _text("refusal"),
    _whole("missed"),
    rowid=False,
)
