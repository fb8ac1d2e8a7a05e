from .application import (
    App as App,
)
from .application import (
    open_services as open_services,
)
from .health.examination import (
    examine as examine,
)
from .settings_checks import (
    is_sandboxed as is_sandboxed,
)
