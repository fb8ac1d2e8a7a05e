from .access_log import (
    AccessLog as AccessLog,
)
from .form_tokens import (
    FormTokens as FormTokens,
)
from .guarded_protocol import (
    make_protocol as make_protocol,
)
from .rate_limiter import (
    RequestLimiter as RequestLimiter,
)
from .reader_login import (
    PageReader as PageReader,
)
from .reader_login import (
    ReaderLogin as ReaderLogin,
)
from .reader_login import (
    plain_address as plain_address,
)
from .request_body import (
    BodyTooLargeError as BodyTooLargeError,
)
from .request_body import (
    BodyTooSlowError as BodyTooSlowError,
)
from .request_body import (
    read_body as read_body,
)
from .safe_headers import (
    SafeHeaders as SafeHeaders,
)
from .server_bounds import (
    ServerBounds as ServerBounds,
)
