from .chat_aliases import (
    Aliased as Aliased,
)
from .mail.mail_templates import (
    NAMES as NAMES,
)
from .plain_text import (
    harmless as harmless,
)
from .teams.teams_card import adaptive_card as adaptive_card
