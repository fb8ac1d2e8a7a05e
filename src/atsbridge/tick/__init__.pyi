from .account_run import (
    AccountTick as AccountTick,
)
from .planned_actions import (
    added as added,
)
from .runner import (
    Observer as Observer,
)
from .runner import (
    Options as Options,
)
from .runner import (
    misconfigured as misconfigured,
)
from .runner import (
    news as news,
)
from .runner import (
    plan_requests as plan_requests,
)
from .runner import (
    tick as tick,
)
