from . import publish as publish
from .crash import (
    fault as fault,
)
from .crash import (
    frames as frames,
)
from .journal import (
    Journal as Journal,
)
