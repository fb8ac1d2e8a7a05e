from . import pack_test_report as pack_test_report
from .backtest_figures import (
    BacktestFigures as BacktestFigures,
)
from .backtest_figures import (
    MessageHabits as MessageHabits,
)
from .backtest_figures import (
    figures as figures,
)
from .backtest_run import (
    BacktestOutcome as BacktestOutcome,
)
from .backtest_run import (
    backtest as backtest,
)
from .pack_test_runner import (
    play as play,
)
from .past_attention import (
    USUAL_RUN as USUAL_RUN,
)
from .past_attention import (
    PastAttention as PastAttention,
)
from .past_attention import (
    QuietSpan as QuietSpan,
)
from .past_attention import (
    merge_spans as merge_spans,
)
from .past_attention import (
    subtract_spans as subtract_spans,
)
from .past_rows import (
    BacktestWindow as BacktestWindow,
)
from .settled_promises import (
    SettledPromises as SettledPromises,
)
from .settled_promises import (
    can_settle as can_settle,
)
from .settled_promises import (
    decide_outcome as decide_outcome,
)
from .settled_promises import (
    measure as measure,
)
from .simulated_case import (
    SimulatedCase as SimulatedCase,
)
