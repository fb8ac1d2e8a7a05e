from . import brief_files as brief_files
from . import brief_scope as brief_scope
from . import input_files as input_files
from .brief_files import (
    BriefFile as BriefFile,
)
from .brief_files import (
    parse_brief as parse_brief,
)
from .brief_template import (
    BriefFacts as BriefFacts,
)
from .brief_template import (
    format_brief as format_brief,
)
from .brief_template import (
    name_brief_file as name_brief_file,
)
from .brief_writer import (
    BriefSources as BriefSources,
)
from .brief_writer import (
    BriefWriter as BriefWriter,
)
from .input_files import (
    sign_files as sign_files,
)
from .market_csv import (
    MarketTable as MarketTable,
)
from .market_csv import (
    find_stale as find_stale,
)
from .market_csv import (
    read_tables as read_tables,
)
