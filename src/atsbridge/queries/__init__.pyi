from .backtest_query import (
    Backtest as Backtest,
)
from .backtest_query import (
    run_backtest as run_backtest,
)
from .explanation import (
    Event as Event,
)
from .explanation import (
    Explanation as Explanation,
)
from .explanation import (
    of_case as of_case,
)
from .explanation import (
    of_subject as of_subject,
)
from .timeline import (
    svg as svg,
)
