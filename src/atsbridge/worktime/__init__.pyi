from . import clock as clock
from .calendar import (
    Absence as Absence,
)
from .calendar import (
    Calendar as Calendar,
)
from .calendar import (
    parse_day_hours as parse_day_hours,
)
from .calendar import (
    parse_hours as parse_hours,
)
from .clock import (
    CalendarSegment as CalendarSegment,
)
from .clock import (
    Pause as Pause,
)
from .data_versions import (
    data_version as data_version,
)
from .data_versions import (
    holidays_version as holidays_version,
)
from .data_versions import (
    zones_version as zones_version,
)
from .duration import (
    Duration as Duration,
)
from .duration import (
    Unit as Unit,
)
from .elapsed import (
    counted as counted,
)
from .elapsed import (
    reach as reach,
)
from .elapsed import (
    threshold as threshold,
)
from .holiday_calendar import (
    depends_on_region as depends_on_region,
)
from .holiday_calendar import (
    public_holidays as public_holidays,
)
from .office_hours import (
    last_open as last_open,
)
from .office_hours import (
    next_open as next_open,
)
from .regions import (
    parse_country as parse_country,
)
from .regions import (
    parse_region as parse_region,
)
from .regions import (
    read_country as read_country,
)
from .time_zones import (
    FALLBACK_ZONE as FALLBACK_ZONE,
)
from .time_zones import (
    parse_zone as parse_zone,
)
from .time_zones import (
    read_zone as read_zone,
)
