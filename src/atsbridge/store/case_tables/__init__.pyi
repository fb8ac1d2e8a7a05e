from .announcement_store import (
    SqlAnnouncements as SqlAnnouncements,
)
from .cache import (
    SqlRunState as SqlRunState,
)
from .case_store import (
    SqlCases as SqlCases,
)
from .choices import (
    SqlChoices as SqlChoices,
)
from .outbox import (
    SqlOutbox as SqlOutbox,
)
from .pulses import (
    SqlPulses as SqlPulses,
)
from .silences import (
    SqlSilences as SqlSilences,
)
from .sql_promises import (
    SqlPromises as SqlPromises,
)
from .sql_reply_inbox import SqlReplyInbox as SqlReplyInbox
