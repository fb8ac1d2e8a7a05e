from .store_backup import (
    Backup as Backup,
)
from .store_backup import (
    back_up as back_up,
)
from .store_check import (
    StoreCheckResult as StoreCheckResult,
)
from .store_check import (
    check_store as check_store,
)
from .store_copy import (
    TableCopy as TableCopy,
)
from .store_copy import (
    copy_store as copy_store,
)
