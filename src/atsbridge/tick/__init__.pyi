from .pair_messages import (
    PairMessages as PairMessages,
)
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
from .runner import (
    refresh_hinted as refresh_hinted,
)
from .runner import (
    tick as tick,
)
