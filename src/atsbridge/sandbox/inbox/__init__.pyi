from .fake_mail_server import (
    FakeMailServer as FakeMailServer,
)
from .fake_mail_server import (
    ReceivedMail as ReceivedMail,
)
from .inbox_page import (
    InboxMessage as InboxMessage,
)
from .inbox_page import (
    ReaderInbox as ReaderInbox,
)
from .inbox_page import (
    render_inbox as render_inbox,
)
from .inbox_readers import (
    list_readers as list_readers,
)
