from . import candidate_names as candidate_names
from .confirmation import (
    Looked as Looked,
)
from .delivery_report import (
    DeliveryReport as DeliveryReport,
)
from .pipeline import (
    deliver as deliver,
)
from .sink_guard import (
    Guarded as Guarded,
)
