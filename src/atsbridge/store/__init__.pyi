from .database.file_permissions import (
    readable_by_others as readable_by_others,
)
from .privacy.erasure import (
    Erased as Erased,
)
from .records.record_reader import (
    spans as spans,
)
from .store import (
    Store as Store,
)
from .store import (
    open_store as open_store,
)
