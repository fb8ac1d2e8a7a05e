from . import catalog as catalog
from . import numerals as numerals
from .amounts import (
    PERIODS as PERIODS,
)
from .amounts import (
    currency_code as currency_code,
)
from .amounts import (
    from_cents as from_cents,
)
from .amounts import (
    in_order as in_order,
)
from .amounts import (
    pay_period as pay_period,
)
from .amounts import (
    plain_number as plain_number,
)
from .amounts import (
    whole_number as whole_number,
)
from .applications import (
    LATE_KINDS as LATE_KINDS,
)
from .applications import (
    OFFER_STAGE as OFFER_STAGE,
)
from .applications import Application as Application
from .applications import (
    Candidate as Candidate,
)
from .brief_version import SIDES as SIDES
from .brief_version import AgreementSource as AgreementSource
from .brief_version import BriefAgreement as BriefAgreement
from .brief_version import BriefPart as BriefPart
from .brief_version import BriefSnapshot as BriefSnapshot
from .brief_version import BriefVersion as BriefVersion
from .brief_version import Impact as Impact
from .brief_version import PayRange as PayRange
from .brief_version import VersionChange as VersionChange
from .brief_version import compare_versions as compare_versions
from .brief_version import find_agreed as find_agreed
from .brief_version import find_dropped as find_dropped
from .calibration import LEAST_PROFILES as LEAST_PROFILES
from .calibration import MOST_PROFILES as MOST_PROFILES
from .calibration import UNDECIDED as UNDECIDED
from .calibration import CalibrationRound as CalibrationRound
from .calibration import ProfileRating as ProfileRating
from .calibration import differ as differ
from .calibration import find_unrated as find_unrated
from .case import (
    Case as Case,
)
from .case import (
    Clock as Clock,
)
from .case import (
    End as End,
)
from .case import (
    FirstLook as FirstLook,
)
from .case import (
    Handling as Handling,
)
from .case import (
    Silence as Silence,
)
from .case import (
    Transition as Transition,
)
from .case import (
    TransitionName as TransitionName,
)
from .catalog import (
    KINDS as KINDS,
)
from .catalog import (
    Resolved as Resolved,
)
from .catalog import (
    answers_when_absent as answers_when_absent,
)
from .catalog import (
    every_field as every_field,
)
from .catalog import (
    field as field,
)
from .catalog import (
    parents as parents,
)
from .catalog import (
    resolve as resolve,
)
from .catalog import (
    roots as roots,
)
from .change import (
    Change as Change,
)
from .change import (
    Origin as Origin,
)
from .choice import (
    Choice as Choice,
)
from .choice import (
    ChoiceTopic as ChoiceTopic,
)
from .choice import (
    ChoiceValue as ChoiceValue,
)
from .choice import (
    PersonChoices as PersonChoices,
)
from .clean_text import (
    clean as clean,
)
from .clean_text import (
    cut as cut,
)
from .clean_text import (
    isolated as isolated,
)
from .clean_text import (
    printable as printable,
)
from .currencies import (
    CURRENCIES as CURRENCIES,
)
from .currencies import (
    is_currency as is_currency,
)
from .currencies import (
    suggest_currency as suggest_currency,
)
from .fields import (
    OTHER_TERM as OTHER_TERM,
)
from .fields import (
    Field as Field,
)
from .fields import (
    FieldType as FieldType,
)
from .fields import (
    Null as Null,
)
from .fields import (
    Sensitivity as Sensitivity,
)
from .fragment import (
    Fragment as Fragment,
)
from .fragment import (
    by_column as by_column,
)
from .interviews import (
    NOT_HELD as NOT_HELD,
)
from .interviews import (
    Interview as Interview,
)
from .notice import (
    APART as APART,
)
from .notice import (
    BOUND as BOUND,
)
from .notice import (
    ENDS as ENDS,
)
from .notice import PAIR as PAIR
from .notice import (
    Chart as Chart,
)
from .notice import (
    Destination as Destination,
)
from .notice import (
    DropCode as DropCode,
)
from .notice import (
    DropReason as DropReason,
)
from .notice import (
    Hold as Hold,
)
from .notice import (
    Message as Message,
)
from .notice import (
    Notice as Notice,
)
from .notice import (
    NoticeError as NoticeError,
)
from .notice import (
    NoticeState as NoticeState,
)
from .notice import (
    NoticeText as NoticeText,
)
from .notice import (
    Purpose as Purpose,
)
from .notice import (
    Receipt as Receipt,
)
from .notice import ReplyButton as ReplyButton
from .notice import (
    drop_notice as drop_notice,
)
from .notice import (
    hold_notice as hold_notice,
)
from .notice import (
    queue_notice as queue_notice,
)
from .numerals import (
    grouped as grouped,
)
from .numerals import (
    parse as parse,
)
from .organization import (
    Office as Office,
)
from .organization import (
    TeamMember as TeamMember,
)
from .organization import (
    User as User,
)
from .period_spread import has_turn as has_turn
from .promise import (
    Promise as Promise,
)
from .promise import (
    PromiseOutcome as PromiseOutcome,
)
from .pulse import (
    HIGHEST as HIGHEST,
)
from .pulse import (
    LOWEST as LOWEST,
)
from .pulse import (
    PULSE_QUESTIONS as PULSE_QUESTIONS,
)
from .pulse import (
    PulseSheet as PulseSheet,
)
from .query import (
    RELATIVE as RELATIVE,
)
from .query import (
    Ahead as Ahead,
)
from .query import (
    All as All,
)
from .query import (
    AnyOf as AnyOf,
)
from .query import (
    Bound as Bound,
)
from .query import (
    Condition as Condition,
)
from .query import (
    Found as Found,
)
from .query import (
    NoneOf as NoneOf,
)
from .query import (
    Operator as Operator,
)
from .query import (
    Query as Query,
)
from .query import (
    Where as Where,
)
from .query import conjuncts as conjuncts
from .query import (
    paths as paths,
)
from .reason import (
    Parameter as Parameter,
)
from .reason import (
    Parameters as Parameters,
)
from .reason import (
    Reason as Reason,
)
from .reason import (
    ReasonCode as ReasonCode,
)
from .reason import (
    because as because,
)
from .reason import (
    read_parameters as read_parameters,
)
from .reason import (
    sort_parameters as sort_parameters,
)
from .reason import (
    stored_reason as stored_reason,
)
from .recipient_codes import (
    RecipientCode as RecipientCode,
)
from .recipient_codes import (
    RecipientReason as RecipientReason,
)
from .recipient_codes import (
    RecipientTrouble as RecipientTrouble,
)
from .recipient_codes import (
    recipient_reason as recipient_reason,
)
from .record import (
    Key as Key,
)
from .record import (
    Record as Record,
)
from .record import to_iso as to_iso
from .requisitions import (
    SECTIONS as SECTIONS,
)
from .requisitions import (
    STAGE_KINDS as STAGE_KINDS,
)
from .requisitions import (
    Brief as Brief,
)
from .requisitions import (
    Requisition as Requisition,
)
from .stage_names import (
    StageGuess as StageGuess,
)
from .stage_names import (
    guess_stage_kind as guess_stage_kind,
)
from .suggestions import (
    CLOSE as CLOSE,
)
from .suggestions import (
    SURE as SURE,
)
from .suggestions import (
    did_you_mean as did_you_mean,
)
from .suggestions import (
    suggest as suggest,
)
from .value_bounds import (
    MAX_ID as MAX_ID,
)
from .value_bounds import (
    Correction as Correction,
)
from .value_bounds import (
    bounded as bounded,
)
from .value_bounds import (
    corrections as corrections,
)
from .value_bounds import (
    is_id as is_id,
)
from .value_bounds import (
    parse_day as parse_day,
)
from .value_bounds import (
    storable as storable,
)
from .value_bounds import (
    to_utc as to_utc,
)
from .verdict import (
    Due as Due,
)
from .verdict import (
    Span as Span,
)
from .verdict import (
    SpanKind as SpanKind,
)
from .verdict import (
    State as State,
)
from .verdict import (
    Verdict as Verdict,
)
from .write_actions import (
    APPLICATION_FIELD as APPLICATION_FIELD,
)
from .write_actions import (
    APPLICATION_NOTE as APPLICATION_NOTE,
)
from .write_actions import (
    CAPABILITIES as CAPABILITIES,
)
from .write_actions import (
    JOB_NOTE as JOB_NOTE,
)
from .write_actions import (
    TAG as TAG,
)
from .write_actions import (
    Mark as Mark,
)
from .write_actions import (
    address as address,
)
from .write_actions import (
    capabilities as capabilities,
)
from .write_actions import (
    note_targets as note_targets,
)
from .write_actions import (
    read as read,
)
from .write_actions import (
    tag as tag,
)
