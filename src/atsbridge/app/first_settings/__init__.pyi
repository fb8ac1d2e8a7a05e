from .questions import (
    Question as Question,
)
from .questions import (
    find_mistakes as find_mistakes,
)
from .questions import (
    find_questions as find_questions,
)
from .settings_text import (
    FirstSettings as FirstSettings,
)
from .settings_text import (
    format_account as format_account,
)
from .settings_text import (
    format_offices as format_offices,
)
from .settings_text import (
    format_settings as format_settings,
)
from .zone_guess import (
    guess_place as guess_place,
)
