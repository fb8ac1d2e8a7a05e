from .clock_rewind import (
    rewind as rewind,
)
from .doubt_evidence import (
    loaded as loaded,
)
from .own_writes import (
    SqlOwnWrites as SqlOwnWrites,
)
from .provenance import (
    Supply as Supply,
)
from .provenance import (
    read_supply as read_supply,
)
from .record_reader import (
    SqlHistory as SqlHistory,
)
from .row_origins import (
    bringers as bringers,
)
from .row_origins import (
    forget_digests as forget_digests,
)
from .sql_hints import (
    SqlHints as SqlHints,
)
from .sql_records import (
    SqlRecords as SqlRecords,
)
