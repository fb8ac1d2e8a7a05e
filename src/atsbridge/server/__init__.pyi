from .live_server import (
    LiveServer as LiveServer,
)
from .safeguards.server_bounds import (
    ServerBounds as ServerBounds,
)
