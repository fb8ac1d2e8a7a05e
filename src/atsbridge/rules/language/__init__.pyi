from . import field_paths as field_paths
from . import instants as instants
from . import message_template as message_template
from .conditions import (
    OFFICE as OFFICE,
)
from .conditions import (
    OPERATORS as OPERATORS,
)
from .conditions import (
    Elapsed as Elapsed,
)
from .conditions import (
    Parser as Parser,
)
from .field_paths import (
    PERSON as PERSON,
)
from .field_paths import (
    addressed as addressed,
)
from .field_paths import (
    day_end as day_end,
)
from .field_paths import (
    inside as inside,
)
from .field_paths import (
    part as part,
)
from .field_paths import (
    unique as unique,
)
from .field_values import (
    sample as sample,
)
from .field_values import (
    typed as typed,
)
from .hints import (
    EXAMPLES as EXAMPLES,
)
from .hints import (
    example as example,
)
from .key_types import (
    STRICT as STRICT,
)
from .key_types import (
    Event as Event,
)
from .key_types import (
    Events as Events,
)
from .key_types import (
    FieldPath as FieldPath,
)
from .key_types import (
    Intervals as Intervals,
)
from .key_types import (
    Length as Length,
)
from .key_types import (
    Person as Person,
)
from .key_types import (
    filled as filled,
)
from .key_types import (
    path as path,
)
from .key_types import (
    plain as plain,
)
from .labels import (
    counted as counted,
)
from .labels import (
    day as day,
)
from .labels import (
    format_value as format_value,
)
from .labels import (
    named as named,
)
from .lengths import (
    amount as amount,
)
from .message_template import (
    PLACEHOLDERS as PLACEHOLDERS,
)
from .pack_errors import (
    Mistake as Mistake,
)
from .pack_errors import (
    RuleErrors as RuleErrors,
)
from .pack_errors import (
    listed as listed,
)
from .pack_errors import (
    nearest as nearest,
)
from .pack_errors import (
    remedy as remedy,
)
from .pack_errors import (
    shown as shown,
)
from .pack_errors import (
    wrong as wrong,
)
from .recipient_names import (
    ATS as ATS,
)
from .recipient_names import (
    CHANNEL as CHANNEL,
)
from .recipient_names import (
    TEAM as TEAM,
)
from .recipient_names import (
    is_place as is_place,
)
from .recipient_names import (
    is_public as is_public,
)
from .recipient_names import (
    split_recipient as split_recipient,
)
from .rule_schema import (
    CheckKeys as CheckKeys,
)
from .rule_schema import (
    ExampleKeys as ExampleKeys,
)
from .rule_schema import (
    ExceptionKeys as ExceptionKeys,
)
from .rule_schema import (
    RuleKeys as RuleKeys,
)
from .step_schema import (
    StepKeys as StepKeys,
)
from .validation_errors import (
    convert_errors as convert_errors,
)
from .yaml_source import (
    Loc as Loc,
)
from .yaml_source import (
    Places as Places,
)
from .yaml_source import (
    YamlSource as YamlSource,
)
from .yaml_source import (
    read as read,
)
