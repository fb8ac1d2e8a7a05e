from . import market_data as market_data
from . import predicates as predicates
from . import schedule as schedule
from .check import (
    Below as Below,
)
from .check import (
    Check as Check,
)
from .check import (
    Finding as Finding,
)
from .check import (
    below as below,
)
from .check_evaluator import (
    CheckEvaluator as CheckEvaluator,
)
from .clock_evaluator import (
    ClockEvaluator as ClockEvaluator,
)
from .evaluation_context import (
    EvaluationContext as EvaluationContext,
)
from .market_data import (
    SELECTORS as SELECTORS,
)
from .market_data import (
    MarketRow as MarketRow,
)
