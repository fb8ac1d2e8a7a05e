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
from .parse_choice import (
    CHOICE_TEXTS as CHOICE_TEXTS,
)
from .parse_choice import (
    ChoiceKind as ChoiceKind,
)
from .person_choices import (
    ChoiceKeeper as ChoiceKeeper,
)
from .person_choices import (
    is_sharing as is_sharing,
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
