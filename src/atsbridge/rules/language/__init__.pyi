from . import field_paths as field_paths
from . import instants as instants
from . import message_template as message_template
from . import reference as reference
from .conditions import (
    Parser as Parser,
)
from .conditions import (
    sample as sample,
)
from .conditions import (
    typed as typed,
)
from .exemptions import (
    ExceptionKeys as ExceptionKeys,
)
from .exemptions import (
    exempted as exempted,
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
from .hints import (
    example as example,
)
from .labels import (
    day as day,
)
from .labels import (
    named as named,
)
from .labels import (
    said as said,
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
from .rule_schema import (
    STRICT as STRICT,
)
from .rule_schema import (
    CheckKeys as CheckKeys,
)
from .rule_schema import (
    Event as Event,
)
from .rule_schema import (
    Events as Events,
)
from .rule_schema import (
    ExampleKeys as ExampleKeys,
)
from .rule_schema import (
    Fact as Fact,
)
from .rule_schema import (
    Length as Length,
)
from .rule_schema import (
    Person as Person,
)
from .rule_schema import (
    RuleKeys as RuleKeys,
)
from .rule_schema import (
    Words as Words,
)
from .rule_schema import (
    amount as amount,
)
from .rule_schema import (
    filled as filled,
)
from .rule_schema import (
    path as path,
)
from .validation_errors import (
    told as told,
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
