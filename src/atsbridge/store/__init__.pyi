from .database.file_permissions import (
    readable_by_others as readable_by_others,
)
from .records.record_reader import (
    spans as spans,
)
from .sql_store import (
    SqlStore as SqlStore,
)
from .sql_store import (
    open_store as open_store,
)
