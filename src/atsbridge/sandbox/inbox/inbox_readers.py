"""Who received what in the sandbox: people, channels, and the files of candidates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from atsbridge.sandbox.chat import FakeSlack
from atsbridge.sandbox.company import Company, Person
from atsbridge.sandbox.inbox.fake_mail_server import FakeMailServer, ReceivedMail
from atsbridge.sandbox.inbox.sandbox_inbox import InboxMessage, ReaderInbox

_MARKER = "[atsbridge"  # stands at the end of every note of ours


def list_readers(
    companies: Mapping[str, Company], slacks: Mapping[str, FakeSlack], mail: FakeMailServer | None
) -> Iterator[ReaderInbox]:
    """People by company, then channels, then the notes in each ATS. `slacks`: by sink."""
    spaces = list(slacks.values())
    for account, company in companies.items():
        for person in company.people:
            yield _person(account, person, spaces, mail)
    for sink, slack in slacks.items():
        yield from _channels(sink, slack)
    for account, company in companies.items():
        yield _notes(account, company)


def _person(
    account: str, person: Person, slacks: Sequence[FakeSlack], mail: FakeMailServer | None
) -> ReaderInbox:
    chats = [_chat(message) for slack in slacks for message in slack.dms(person.email)]
    mails = [_mail(one) for one in mail.read(person.email)] if mail is not None else []
    about = f"{person.title}, {account}, {person.place.name} · {person.email}"
    return ReaderInbox(person.name, about, [*chats, *mails])


def _channels(sink: str, slack: FakeSlack) -> Iterator[ReaderInbox]:
    for name in slack.channels():
        messages = [_chat(message) for message in slack.messages(name)]
        yield ReaderInbox(f"#{name}", f"A channel of {sink}", messages)


def _chat(message: Mapping[str, Any]) -> InboxMessage:
    at = datetime.fromtimestamp(float(message["ts"]), UTC)
    in_thread = message.get("thread_ts") not in (None, message["ts"])
    remarks = ["in a thread"] if in_thread else []
    remarks += ["edited since"] if "edited" in message else []
    return InboxMessage(
        "Slack",
        f"{at:%a %d %b %H:%M} UTC",
        text=str(message.get("text") or ""),
        blocks=tuple(message.get("blocks") or ()),
        note=", ".join(remarks),
    )


def _mail(mail: ReceivedMail) -> InboxMessage:
    return InboxMessage("Mail", mail.at, mail.subject, mail.text, note=f"from {mail.sender}")


def _notes(account: str, company: Company) -> ReaderInbox:
    """The notes that atsbridge wrote."""
    written = [
        InboxMessage("Note", f"{note.created_at:%a %d %b %H:%M} UTC", text=note.body)
        for note in company.notes
        if _MARKER in note.body
    ]
    return ReaderInbox(f"Notes in the ATS of {account}", "On candidates' records", written)
