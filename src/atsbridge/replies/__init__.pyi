from .announcements import (
    Announcer as Announcer,
)
from .announcements import (
    BriefView as BriefView,
)
from .announcements import (
    find as find,
)
from .announcements import (
    shown as shown,
)
from .apply import (
    ReplyActions as ReplyActions,
)
from .poll import (
    Listening as Listening,
)
from .remarks import (
    Remarks as Remarks,
)
from .remarks import (
    handled as handled,
)
