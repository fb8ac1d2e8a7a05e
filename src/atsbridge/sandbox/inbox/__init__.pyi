from .fake_mail_server import (
    FakeMailServer as FakeMailServer,
)
from .fake_mail_server import (
    ReceivedMail as ReceivedMail,
)
from .inbox_readers import (
    list_readers as list_readers,
)
from .sandbox_inbox import (
    InboxMessage as InboxMessage,
)
from .sandbox_inbox import (
    ReaderInbox as ReaderInbox,
)
from .sandbox_inbox import (
    render_inbox as render_inbox,
)
