from .announcements import (
    Announcer as Announcer,
)
from .announcements import (
    Shown as Shown,
)
from .announcements import (
    find as find,
)
from .announcements import (
    shown as shown,
)
from .apply import (
    Answers as Answers,
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
