from .absence_sources import has_absence_sources as has_absence_sources
from .absence_sources import read_known_absences as read_known_absences
from .absence_sources import refresh_absences as refresh_absences
from .account_context import (
    AccountContext as AccountContext,
)
from .ats_absences import refresh_ats_absences as refresh_ats_absences
from .backlog_reader import (
    BacklogReader as BacklogReader,
)
from .brief_sources import (
    brief_writer_of as brief_writer_of,
)
from .brief_sources import (
    find_brief_errors as find_brief_errors,
)
from .brief_sources import (
    find_brief_files as find_brief_files,
)
from .brief_versions import SETTLE as SETTLE
from .brief_versions import VersionRecorder as VersionRecorder
from .brief_versions import read_requisition as read_requisition
from .brief_versions import read_sides as read_sides
from .calendars import (
    Calendars as Calendars,
)
from .consent import (
    find_sharers as find_sharers,
)
from .evaluation_inputs import (
    EvaluationInputs as EvaluationInputs,
)
from .locations import (
    find_missing_regions as find_missing_regions,
)
from .locations import (
    find_unplaced as find_unplaced,
)
from .locations import (
    join_names as join_names,
)
from .locations import (
    learn_zones as learn_zones,
)
from .market_tables import (
    MarketTables as MarketTables,
)
from .pairs import (
    Pair as Pair,
)
from .pairs import (
    address_of as address_of,
)
from .pairs import (
    find_pairs as find_pairs,
)
from .rule_packs import (
    RulePacks as RulePacks,
)
from .rule_watch import (
    RuleWatch as RuleWatch,
)
from .rule_watch import (
    follow as follow,
)
from .rule_watch import (
    meaning as meaning,
)
from .run_failure import (
    FailureCode as FailureCode,
)
from .run_failure import (
    RunFailure as RunFailure,
)
from .run_failure import (
    code_of as code_of,
)
from .run_failure import (
    describe_failures as describe_failures,
)
from .run_failure import (
    failure as failure,
)
from .run_failure import (
    pack_failure as pack_failure,
)
from .run_failure import (
    unpack_failure as unpack_failure,
)
from .run_memory import (
    FullReason as FullReason,
)
from .run_memory import (
    Memory as Memory,
)
from .run_memory import (
    digest as digest,
)
from .run_memory import (
    last_nightly as last_nightly,
)
from .run_memory import (
    part_digests as part_digests,
)
from .run_state import (
    PastPromotion as PastPromotion,
)
from .run_state import (
    RunOutcome as RunOutcome,
)
from .run_state import (
    RunState as RunState,
)
from .run_state import (
    SharedRunState as SharedRunState,
)
from .run_summary import (
    AccountSummary as AccountSummary,
)
from .run_summary import (
    RunStage as RunStage,
)
from .run_summary import (
    Summary as Summary,
)
from .services import (
    Services as Services,
)
from .subject_places import (
    SubjectPlace as SubjectPlace,
)
from .subject_places import (
    find_places as find_places,
)
from .suppression import (
    CaseNotices as CaseNotices,
)
from .suppression import (
    Suppression as Suppression,
)
from .suppression import (
    held_by_breaker as held_by_breaker,
)
from .suppression import (
    suppression_check as suppression_check,
)
