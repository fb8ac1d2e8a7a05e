from . import fingerprints as fingerprints
from . import schema_drift as schema_drift
from .row_decoder import (
    RowReader as RowReader,
)
from .row_decoder import (
    Rows as Rows,
)
from .row_decoder import (
    ident as ident,
)
from .row_decoder import (
    parents_are as parents_are,
)
from .schema_drift import (
    lost as lost,
)
