from .backtest_query import (
    Backtest as Backtest,
)
from .backtest_query import (
    run_backtest as run_backtest,
)
from .backtest_samples import (
    sample_messages as sample_messages,
)
from .brief_facts import (
    read_brief_facts as read_brief_facts,
)
from .brief_facts import (
    read_market_text as read_market_text,
)
from .brief_history import AgreedBy as AgreedBy
from .brief_history import VersionView as VersionView
from .brief_history import read_brief_history as read_brief_history
from .custom_fields import find_absent_fields as find_absent_fields
from .explainer import (
    explain_case as explain_case,
)
from .explainer import (
    explain_cases as explain_cases,
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
from .explanation_lines import (
    explain_lines as explain_lines,
)
from .message_documents import RehearsedDocument as RehearsedDocument
from .message_documents import RulePreviewDocument as RulePreviewDocument
from .message_documents import RulePreviewList as RulePreviewList
from .message_documents import convert_preview as convert_preview
from .message_documents import convert_rehearsed as convert_rehearsed
from .message_preview import (
    PreviewedSubject as PreviewedSubject,
)
from .message_preview import (
    PreviewOptions as PreviewOptions,
)
from .message_preview import (
    RulePreview as RulePreview,
)
from .message_preview import (
    preview_explained as preview_explained,
)
from .message_preview import (
    preview_rule as preview_rule,
)
from .pair_week import (
    STREAK as STREAK,
)
from .pair_week import (
    PairWeeks as PairWeeks,
)
from .pair_week import (
    may_name as may_name,
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
from .planned_messages import (
    PlannedMessages as PlannedMessages,
)
from .planned_messages import (
    plan_messages as plan_messages,
)
from .promise_figures import (
    MINIMUM as MINIMUM,
)
from .promise_figures import (
    NOTHING as NOTHING,
)
from .promise_figures import (
    SIDES as SIDES,
)
from .promise_figures import (
    AccountFigures as AccountFigures,
)
from .promise_figures import (
    Figure as Figure,
)
from .promise_figures import (
    FigureQuery as FigureQuery,
)
from .promise_figures import (
    FigureWindow as FigureWindow,
)
from .promise_figures import (
    PairFigures as PairFigures,
)
from .promise_figures import (
    find_confidential as find_confidential,
)
from .reader_access import (
    AccountAccess as AccountAccess,
)
from .reader_access import (
    Viewer as Viewer,
)
from .reader_access import (
    find_user as find_user,
)
from .reader_access import (
    read_access as read_access,
)
from .reader_access import (
    read_clearance as read_clearance,
)
from .rehearsals import (
    Rehearsals as Rehearsals,
)
from .rehearsals import (
    RehearsedNotice as RehearsedNotice,
)
from .rehearsals import (
    RenderedMessage as RenderedMessage,
)
from .requisition_overview import (
    OpenCase as OpenCase,
)
from .requisition_overview import (
    RequisitionLine as RequisitionLine,
)
from .requisition_overview import (
    RequisitionOverview as RequisitionOverview,
)
from .requisition_overview import (
    read_requisitions as read_requisitions,
)
from .search_facts import (
    SearchFactsReader as SearchFactsReader,
)
from .search_history import (
    SearchEvent as SearchEvent,
)
from .search_history import (
    SearchEventKind as SearchEventKind,
)
from .search_history import (
    read_search_history as read_search_history,
)
from .sides import (
    Side as Side,
)
from .sides import (
    find_sides as find_sides,
)
from .status import (
    AccountStatus as AccountStatus,
)
from .status import (
    Health as Health,
)
from .status import (
    StatusProblem as StatusProblem,
)
from .status import (
    find_shared_problems as find_shared_problems,
)
from .status import (
    read_status as read_status,
)
from .store_metrics import (
    StoreMetrics as StoreMetrics,
)
from .timeline import (
    describe_clock as describe_clock,
)
from .timeline import (
    svg as svg,
)
from .visible_cases import (
    VisibleCase as VisibleCase,
)
from .visible_cases import (
    place_cases as place_cases,
)
from .visible_cases import (
    read_visible_cases as read_visible_cases,
)
from .visible_cases import (
    sees as sees,
)
from .webhook_status import (
    WebhookStatus as WebhookStatus,
)
from .webhook_status import (
    is_quiet as is_quiet,
)
from .webhook_status import (
    read_webhooks as read_webhooks,
)
from .worker_status import (
    WorkerStatus as WorkerStatus,
)
from .worker_status import (
    read_worker_status as read_worker_status,
)
