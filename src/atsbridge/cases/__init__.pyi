from . import acknowledgement as acknowledgement
from .decisions import (
    DecisionOptions as DecisionOptions,
)
from .decisions import (
    decide as decide,
)
from .escalation import (
    Rung as Rung,
)
from .escalation import (
    left as left,
)
from .escalation import (
    next_morning as next_morning,
)
from .escalation import (
    rungs as rungs,
)
from .idempotency import (
    made_of as made_of,
)
from .inhibition import (
    mutes as mutes,
)
from .lifecycle import (
    move as move,
)
from .ops_notice import (
    word as word,
)
from .ops_notice import (
    words as words,
)
from .recipients import (
    Directory as Directory,
)
from .recipients import (
    Preferences as Preferences,
)
from .recipients import (
    recipient as recipient,
)
from .recipients import (
    unwritten as unwritten,
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
from .throttle import (
    Attention as Attention,
)
