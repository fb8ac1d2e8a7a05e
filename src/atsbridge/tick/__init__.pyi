from .pair_messages import (
    PairMessages as PairMessages,
)
from .reports.metrics import (
    replace_metrics as replace_metrics,
)
from .reports.publish import (
    ping_monitor as ping_monitor,
)
from .reports.run_document import DOCUMENT_VERSION as DOCUMENT_VERSION
from .reports.run_document import ActionChange as ActionChange
from .reports.run_document import PlanDifference as PlanDifference
from .reports.run_document import RequestPlan as RequestPlan
from .reports.run_document import RunDocument as RunDocument
from .reports.run_document import convert_action as convert_action
from .reports.run_document import make_run_document as make_run_document
from .run_news import (
    find_news as find_news,
)
from .run_news import (
    is_new_mistake as is_new_mistake,
)
from .run_options import (
    RunObserver as RunObserver,
)
from .run_options import (
    RunOptions as RunOptions,
)
from .run_options import (
    make_run_id as make_run_id,
)
from .runner import (
    refresh_hinted as refresh_hinted,
)
from .runner import (
    tick as tick,
)
from .runner import (
    tick_account as tick_account,
)
