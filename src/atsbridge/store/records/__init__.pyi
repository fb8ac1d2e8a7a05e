from .changelog import (
    Past as Past,
)
from .clock_rewind import (
    Rewind as Rewind,
)
from .doubt_evidence import (
    Doubts as Doubts,
)
from .doubt_evidence import (
    loaded as loaded,
)
from .own_writes import (
    OwnWrites as OwnWrites,
)
from .page_writer import (
    Records as Records,
)
from .provenance import (
    Supply as Supply,
)
from .provenance import (
    parts_of as parts_of,
)
from .record_reader import (
    History as History,
)
from .row_origins import (
    bringers as bringers,
)
from .row_origins import (
    forget_digests as forget_digests,
)
from .stream_states import (
    Streams as Streams,
)
