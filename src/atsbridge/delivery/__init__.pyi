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
from .sink_guard import (
    Guarded as Guarded,
)
