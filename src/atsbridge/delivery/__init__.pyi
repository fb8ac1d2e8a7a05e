from . import candidate_names as candidate_names
from .confirmation import (
    RecheckResult as RecheckResult,
)
from .delivery_env import (
    DeliveryRequest as DeliveryRequest,
)
from .delivery_report import (
    DeliveryReport as DeliveryReport,
)
from .delivery_run import (
    deliver as deliver,
)
from .rehearsal import (
    OfflineSink as OfflineSink,
)
from .rehearsal import (
    Rehearsed as Rehearsed,
)
from .rehearsal import (
    note_sent as note_sent,
)
from .rehearsal import (
    rehearse as rehearse,
)
from .rehearsal_store import (
    RehearsalStore as RehearsalStore,
)
from .side_messages import PairComposer as PairComposer
from .sink_guard import (
    Guarded as Guarded,
)
