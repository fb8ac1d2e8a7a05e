from . import brief_files as brief_files
from . import brief_scope as brief_scope
from . import input_files as input_files
from .brief_files import (
    BriefFile as BriefFile,
)
from .brief_writer import (
    Composer as Composer,
)
from .brief_writer import (
    Sources as Sources,
)
from .input_files import (
    signature as signature,
)
from .market_csv import (
    Table as Table,
)
from .market_csv import (
    read as read,
)
from .market_csv import (
    stale as stale,
)
