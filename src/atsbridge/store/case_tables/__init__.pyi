from .announcement_store import (
    SqlAnnouncements as SqlAnnouncements,
)
from .cache import (
    SqlRunState as SqlRunState,
)
from .case_store import (
    SqlCases as SqlCases,
)
from .outbox import (
    SqlOutbox as SqlOutbox,
)
from .silences import (
    SqlSilences as SqlSilences,
)
from .sql_promises import (
    SqlPromises as SqlPromises,
)
