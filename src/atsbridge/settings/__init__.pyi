from .account_files import (
    ACCOUNT_FILES as ACCOUNT_FILES,
)
from .environment import (
    PREFIX as PREFIX,
)
from .environment import (
    SEPARATOR as SEPARATOR,
)
from .environment import (
    VariableText as VariableText,
)
from .environment import (
    typed as typed,
)
from .model_validation import (
    fields_of as fields_of,
)
from .model_validation import (
    is_secret as is_secret,
)
from .model_validation import (
    validated as validated,
)
from .model_validation import (
    within as within,
)
from .network_types import (
    check_token as check_token,
)
from .people_files import (
    add_plugin_people as add_plugin_people,
)
from .secret_commands import (
    COMMAND_SUFFIX as COMMAND_SUFFIX,
)
from .secret_commands import (
    parse_command as parse_command,
)
from .secret_files import (
    SUFFIX as SUFFIX,
)
from .secret_files import (
    is_exposed as is_exposed,
)
from .section_references import (
    ATS as ATS,
)
from .section_references import (
    member as member,
)
from .section_references import (
    names as names,
)
from .sections import (
    AccountSettings as AccountSettings,
)
from .sections import (
    PersonSettings as PersonSettings,
)
from .sections import (
    RulesSettings as RulesSettings,
)
from .sections import (
    ServeSettings as ServeSettings,
)
from .sections import (
    SinkSettings as SinkSettings,
)
from .setting_errors import (
    ConfigErrors as ConfigErrors,
)
from .setting_errors import (
    Problem as Problem,
)
from .setting_errors import (
    shown as shown,
)
from .settings_loader import (
    first_of_each as first_of_each,
)
from .settings_loader import (
    load as load,
)
from .settings_loader import (
    read as read,
)
from .settings_model import (
    OFFICE as OFFICE,
)
from .settings_model import (
    Settings as Settings,
)
from .value_types import (
    check_address as check_address,
)
from .value_types import (
    check_email as check_email,
)
from .value_types import (
    expanded as expanded,
)
from .week_time import (
    WeekTime as WeekTime,
)
