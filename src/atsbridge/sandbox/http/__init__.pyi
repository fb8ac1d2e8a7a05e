from .fake_rate_limits import (
    RateBucket as RateBucket,
)
from .fake_server import (
    Fake as Fake,
)
from .fake_server import (
    FakeServer as FakeServer,
)
from .fake_server import (
    Request as Request,
)
from .fake_server import (
    Response as Response,
)
