from .compile import check_rule as check_rule
from .compile import discovery as discovery
from .compile import pilot as pilot
from .compile.cross_references import (
    KnownNames as KnownNames,
)
from .compile.discovery import (
    BUILTIN as BUILTIN,
)
from .compile.discovery import (
    Packs as Packs,
)
from .compile.discovery import (
    builtin_packs as builtin_packs,
)
from .compile.lint_connector import (
    overlaps as overlaps,
)
from .compile.lint_connector import (
    unanswered as unanswered,
)
from .compile.lint_connector import (
    unfit as unfit,
)
from .compile.lint_rule import (
    Lint as Lint,
)
from .compile.lint_rule import (
    lint as lint,
)
from .compile.pack_loader import (
    RuleSet as RuleSet,
)
from .compile.pack_loader import (
    load as load,
)
from .compile.pack_loader import (
    load_good as load_good,
)
from .compile.pilot import (
    wrong_conditions as wrong_conditions,
)
from .compile.signal_coverage import (
    Coverage as Coverage,
)
from .compile.signal_coverage import (
    CoverageLevel as CoverageLevel,
)
from .compile.signal_coverage import (
    coverage as coverage,
)
from .compile.signal_coverage import (
    decisive as decisive,
)
from .compile.signal_coverage import (
    measure_column as measure_column,
)
from .compile.signal_coverage import (
    needs as needs,
)
from .compile.signal_coverage import (
    required as required,
)
from .compile.signal_coverage import (
    silent as silent,
)
from .evaluate import Check as Check
from .evaluate import Finding as Finding
from .evaluate import predicates as predicates
from .evaluate.check import (
    Below as Below,
)
from .evaluate.evaluation_context import (
    EvaluationContext as EvaluationContext,
)
from .evaluate.evaluation_context import (
    Owner as Owner,
)
from .evaluate.evaluator import (
    ahead as ahead,
)
from .evaluate.evaluator import (
    bound as bound,
)
from .evaluate.evaluator import (
    evaluate_rule as evaluate_rule,
)
from .evaluate.market_data import (
    COLUMNS as COLUMNS,
)
from .evaluate.market_data import (
    Market as Market,
)
from .evaluate.market_data import (
    MarketRow as MarketRow,
)
from .evaluate.market_data import (
    row as row,
)
from .evaluate.relative_time import (
    Moment as Moment,
)
from .evaluate.relative_time import (
    has_relative as has_relative,
)
from .evaluate.rule_subject import (
    RuleSubject as RuleSubject,
)
from .kinds.builtin_kinds import (
    BUILTIN_KINDS as BUILTIN_KINDS,
)
from .language import CheckKeys as CheckKeys
from .language import FieldPath as FieldPath
from .language import field_paths as field_paths
from .language import instants as instants
from .language import message_template as message_template
from .language.conditions import (
    Elapsed as Elapsed,
)
from .language.field_paths import (
    PERSON as PERSON,
)
from .language.field_paths import (
    declared as declared,
)
from .language.field_paths import (
    find_interval_record as find_interval_record,
)
from .language.field_paths import (
    inside as inside,
)
from .language.field_paths import (
    part as part,
)
from .language.field_paths import (
    planned as planned,
)
from .language.field_paths import (
    subject_of as subject_of,
)
from .language.field_values import (
    typed as typed,
)
from .language.labels import (
    lasting as lasting,
)
from .language.message_template import (
    FOUND as FOUND,
)
from .language.message_template import (
    fill as fill,
)
from .language.message_template import (
    placeholders as placeholders,
)
from .language.pack_errors import (
    Mistake as Mistake,
)
from .language.pack_errors import (
    RuleErrors as RuleErrors,
)
from .language.pack_errors import (
    listed as listed,
)
from .language.pack_errors import (
    nearest as nearest,
)
from .language.pack_errors import (
    remedy as remedy,
)
from .language.pack_errors import (
    shown as shown,
)
from .language.pack_errors import (
    slip as slip,
)
from .language.pack_override import (
    NEXT as NEXT,
)
from .language.pack_override import (
    Promotion as Promotion,
)
from .language.pack_override import (
    promoted as promoted,
)
from .language.recipient_names import (
    CHANNEL as CHANNEL,
)
from .language.recipient_names import (
    MANAGER as MANAGER,
)
from .language.recipient_names import (
    TEAM as TEAM,
)
from .language.recipient_names import (
    is_place as is_place,
)
from .language.recipient_names import (
    is_public as is_public,
)
from .language.recipient_names import (
    split_recipient as split_recipient,
)
from .language.yaml_source import (
    Loc as Loc,
)
from .language.yaml_source import (
    Places as Places,
)
from .language.yaml_source import (
    YamlSource as YamlSource,
)
from .language.yaml_source import (
    read as read,
)
from .reference import (
    list_fields as list_fields,
)
from .reference import (
    list_kind_keys as list_kind_keys,
)
from .reference import (
    pack_schema as pack_schema,
)
from .reference import (
    render_page as render_page,
)
from .rule import (
    ClockSpec as ClockSpec,
)
from .rule import (
    Expectation as Expectation,
)
from .rule import (
    FilePosition as FilePosition,
)
from .rule import (
    PackTest as PackTest,
)
from .rule import (
    PackTestAnswer as PackTestAnswer,
)
from .rule import (
    PackTestPerson as PackTestPerson,
)
from .rule import (
    Rule as Rule,
)
from .rule import (
    RuleStatus as RuleStatus,
)
from .rule import (
    Step as Step,
)
from .rule import (
    StepVia as StepVia,
)
from .rule import (
    Targets as Targets,
)
from .rule import (
    Timing as Timing,
)
from .rule import (
    When as When,
)
