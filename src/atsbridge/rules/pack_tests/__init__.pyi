from .given_events import (
    BLOCKS as BLOCKS,
)
from .given_events import (
    SAYS as SAYS,
)
from .pack_test import (
    Given as Given,
)
from .pack_test import (
    given as given,
)
