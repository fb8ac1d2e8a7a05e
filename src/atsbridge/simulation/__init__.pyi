from . import pack_test_report as pack_test_report
from .backtest import (
    Outcome as Outcome,
)
from .backtest import (
    backtest as backtest,
)
from .backtest_figures import (
    Figures as Figures,
)
from .backtest_figures import (
    Habits as Habits,
)
from .backtest_figures import (
    figures as figures,
)
from .pack_test_runner import (
    play as play,
)
from .past_rows import (
    Window as Window,
)
