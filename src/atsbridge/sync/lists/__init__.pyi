from . import backfill as backfill
from . import children as children
from . import list_reader as list_reader
from .backfill import (
    SLICE as SLICE,
)
from .backfill import (
    asks_again as asks_again,
)
from .child_batches import (
    Spending as Spending,
)
from .child_evidence import (
    shows_account as shows_account,
)
from .seen_ids import (
    COUNT as COUNT,
)
from .seen_ids import (
    Missing as Missing,
)
