from . import doubt as doubt
from . import request_cost as request_cost
from .account_map import (
    AccountMap as AccountMap,
)
from .account_map import (
    parse as parse,
)
from .account_map import (
    wrong_lines as wrong_lines,
)
from .engine import (
    in_order as in_order,
)
from .engine import (
    sync as sync,
)
from .freshness import (
    failing as failing,
)
from .freshness import (
    older as older,
)
from .freshness import (
    readable as readable,
)
from .freshness import (
    supplied as supplied,
)
from .freshness import (
    unreadable as unreadable,
)
from .lists import backfill as backfill
from .refresh import (
    refresh as refresh,
)
from .request_estimate import (
    Asked as Asked,
)
from .request_estimate import (
    Estimate as Estimate,
)
from .request_estimate import (
    plan as plan,
)
from .rows.row_decoder import (
    ident as ident,
)
from .rows.schema_drift import (
    LOST as LOST,
)
from .rows.schema_drift import (
    Salvage as Salvage,
)
from .sync_report import (
    Progress as Progress,
)
from .sync_report import (
    StreamReport as StreamReport,
)
from .sync_report import (
    SyncOptions as SyncOptions,
)
from .sync_report import (
    SyncReport as SyncReport,
)
