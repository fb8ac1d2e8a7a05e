from .erasure import (
    Erasure as Erasure,
)
from .erasure import (
    forgotten as forgotten,
)
from .retention import (
    Retention as Retention,
)
