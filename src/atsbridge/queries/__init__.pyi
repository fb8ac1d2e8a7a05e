from .backtest_query import (
    Backtest as Backtest,
)
from .backtest_query import (
    run_backtest as run_backtest,
)
from .explainer import (
    explain_case as explain_case,
)
from .explainer import (
    explain_subject as explain_subject,
)
from .explanation import (
    ExplainedEvent as ExplainedEvent,
)
from .explanation import (
    Explanation as Explanation,
)
from .plan import (
    compare_plans as compare_plans,
)
from .plan import (
    plan_actions as plan_actions,
)
from .plan import (
    plan_requests as plan_requests,
)
from .timeline import (
    svg as svg,
)
