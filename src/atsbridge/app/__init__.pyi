from .composition_root import (
    App as App,
)
from .composition_root import (
    open_services as open_services,
)
from .first_settings import (
    RECOMMENDED as RECOMMENDED,
)
from .first_settings import (
    FirstSettings as FirstSettings,
)
from .first_settings import (
    PackOffer as PackOffer,
)
from .first_settings import (
    Question as Question,
)
from .first_settings import (
    adapt_spec as adapt_spec,
)
from .first_settings import (
    choose_packs as choose_packs,
)
from .first_settings import (
    find_mistakes as find_mistakes,
)
from .first_settings import (
    find_pack_offers as find_pack_offers,
)
from .first_settings import (
    find_questions as find_questions,
)
from .first_settings import (
    format_account as format_account,
)
from .first_settings import (
    format_offices as format_offices,
)
from .first_settings import (
    format_settings as format_settings,
)
from .first_settings import (
    guess_place as guess_place,
)
from .health.examination import (
    examine as examine,
)
from .settings_checks import (
    is_sandboxed as is_sandboxed,
)
from .settings_watch import (
    ServicesReloader as ServicesReloader,
)
from .settings_watch import (
    open_reloader as open_reloader,
)
from .settings_watch import (
    take_fingerprint as take_fingerprint,
)
