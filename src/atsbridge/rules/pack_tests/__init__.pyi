from .given_events import (
    BLOCKS as BLOCKS,
)
from .given_events import (
    SAYS as SAYS,
)
from .given_values import (
    Given as Given,
)
from .pack_test import (
    given as given,
)
