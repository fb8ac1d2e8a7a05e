from .database.file_permissions import (
    readable_by_others as readable_by_others,
)
from .records.record_reader import (
    spans as spans,
)
from .store import (
    SqlStore as SqlStore,
)
from .store import (
    open_store as open_store,
)
