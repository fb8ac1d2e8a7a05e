from .application import (
    App as App,
)
from .application import (
    wired as wired,
)
from .health.examination import (
    examine as examine,
)
