from .pack_offers import (
    RECOMMENDED as RECOMMENDED,
)
from .pack_offers import (
    PackOffer as PackOffer,
)
from .pack_offers import (
    adapt_spec as adapt_spec,
)
from .pack_offers import (
    choose_packs as choose_packs,
)
from .pack_offers import (
    find_pack_offers as find_pack_offers,
)
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
