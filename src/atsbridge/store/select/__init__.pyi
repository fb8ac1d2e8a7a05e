from . import agenda as agenda
from .dirty import (
    everything_marked as everything_marked,
)
from .dirty import (
    find_dirty as find_dirty,
)
from .dirty import (
    mark_all as mark_all,
)
from .dirty import (
    mark_dirty as mark_dirty,
)
from .pending_children import (
    PendingStream as PendingStream,
)
from .pending_children import (
    waiting as waiting,
)
from .pipeline_figures import (
    SqlPipeline as SqlPipeline,
)
from .query_sql import (
    find as find,
)
from .query_sql import (
    find_below as find_below,
)
