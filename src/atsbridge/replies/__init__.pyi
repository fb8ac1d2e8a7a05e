from .announcements import (
    Announcer as Announcer,
)
from .announcements import (
    BriefView as BriefView,
)
from .announcements import (
    find_record as find_record,
)
from .announcements import (
    read_brief as read_brief,
)
from .apply import (
    CaseActions as CaseActions,
)
from .poll import (
    ReplyPoller as ReplyPoller,
)
from .remarks import (
    Remarks as Remarks,
)
from .remarks import (
    handled as handled,
)
