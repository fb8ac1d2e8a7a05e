from .brief_import import (
    Intake as Intake,
)
from .brief_import import (
    composer_of as composer_of,
)
from .brief_import import (
    mistakes as mistakes,
)
from .calendars import (
    FALLBACK_ZONE as FALLBACK_ZONE,
)
from .calendars import (
    Calendars as Calendars,
)
from .directory import (
    directory as directory,
)
from .directory import (
    offices_of as offices_of,
)
from .directory import (
    users_of as users_of,
)
from .effective_rules import (
    in_part as in_part,
)
from .effective_rules import (
    mapped as mapped,
)
from .effective_rules import (
    rules_of as rules_of,
)
from .effective_rules import (
    stopped as stopped,
)
from .locations import (
    calendars_of as calendars_of,
)
from .locations import (
    learn_zones as learn_zones,
)
from .locations import (
    listed as listed,
)
from .locations import (
    regions_wanted as regions_wanted,
)
from .locations import (
    unplaced as unplaced,
)
from .market_tables import (
    MarketTables as MarketTables,
)
from .rule_packs import (
    RulePacks as RulePacks,
)
from .run_state import (
    Memory as Memory,
)
from .run_state import (
    digest as digest,
)
from .run_state import (
    kept as kept,
)
from .run_state import (
    last_nightly as last_nightly,
)
from .run_state import (
    part_digests as part_digests,
)
from .run_state import (
    recall as recall,
)
from .run_state import (
    remember as remember,
)
from .run_summary import (
    AccountSummary as AccountSummary,
)
from .run_summary import (
    Failure as Failure,
)
from .run_summary import (
    Summary as Summary,
)
from .run_summary import (
    code_of as code_of,
)
from .run_summary import (
    failure as failure,
)
from .run_summary import (
    told as told,
)
from .services import (
    Services as Services,
)
from .suppression import (
    Muting as Muting,
)
from .suppression import (
    Told as Told,
)
from .suppression import (
    attention as attention,
)
from .suppression import (
    held_by_breaker as held_by_breaker,
)
from .suppression import (
    hushed as hushed,
)
from .surroundings import (
    Around as Around,
)
