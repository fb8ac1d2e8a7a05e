from . import acknowledgement as acknowledgement
from .backlog import (
    BacklogPolicy as BacklogPolicy,
)
from .backlog import (
    needs_proposal as needs_proposal,
)
from .circuit_breaker import (
    opens_too_many as opens_too_many,
)
from .decisions import (
    DecisionOptions as DecisionOptions,
)
from .decisions import (
    decide as decide,
)
from .escalation import (
    DueStep as DueStep,
)
from .escalation import (
    find_drop_reason as find_drop_reason,
)
from .escalation import (
    next_morning as next_morning,
)
from .escalation import (
    route_steps as route_steps,
)
from .idempotency import (
    hash_parts as hash_parts,
)
from .inhibition import (
    inhibits as inhibits,
)
from .lifecycle import (
    move as move,
)
from .ops_notice import (
    make_ops_message as make_ops_message,
)
from .ops_notice import (
    make_ops_notice as make_ops_notice,
)
from .pair_notices import SideTrouble as SideTrouble
from .pair_notices import address_pair as address_pair
from .pair_notices import find_side_trouble as find_side_trouble
from .pair_notices import make_pair_notice as make_pair_notice
from .quiet_hours import (
    Attention as Attention,
)
from .recipients import (
    Directory as Directory,
)
from .recipients import (
    Preferences as Preferences,
)
from .recipients import (
    find_refused_writes as find_refused_writes,
)
from .recipients import (
    recipient as recipient,
)
from .rule_edits import (
    Edits as Edits,
)
from .rule_edits import (
    RulePart as RulePart,
)
from .rule_edits import (
    parts as parts,
)
from .superiors import (
    Superiors as Superiors,
)
from .superiors import (
    without_circles as without_circles,
)
