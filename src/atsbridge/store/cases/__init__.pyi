from .announcement_store import (
    Announcements as Announcements,
)
from .cache import (
    Cache as Cache,
)
from .case_counts import (
    Figures as Figures,
)
from .case_store import (
    Cases as Cases,
)
from .outbox import (
    Outbox as Outbox,
)
from .silences import (
    Silences as Silences,
)
