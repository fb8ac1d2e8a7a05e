from .database.file_permissions import (
    readable_by_others as readable_by_others,
)
from .maintenance import (
    Backup as Backup,
)
from .maintenance import (
    StoreCheckResult as StoreCheckResult,
)
from .maintenance import (
    TableCopy as TableCopy,
)
from .maintenance import (
    back_up as back_up,
)
from .maintenance import (
    check_store as check_store,
)
from .maintenance import (
    copy_store as copy_store,
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
