from .default_signals import (
    COMMON as COMMON,
)
from .guess_checks import (
    confirmed as confirmed,
)
from .http_connector import (
    HttpConnector as HttpConnector,
)
from .http_connector import (
    Window as Window,
)
from .http_session import (
    Session as Session,
)
from .oauth_token import (
    ClientCredentials as ClientCredentials,
)
from .pagination import (
    LinkHeader as LinkHeader,
)
from .pagination import (
    Next as Next,
)
from .pagination import (
    OffsetToken as OffsetToken,
)
from .pagination import (
    Progress as Progress,
)
from .preflight import (
    ends as ends,
)
from .preflight import (
    greeted as greeted,
)
from .rate_limits import (
    FixedWindow as FixedWindow,
)
from .rate_limits import (
    TokenBucket as TokenBucket,
)
from .redaction import (
    hide_known as hide_known,
)
from .redaction import (
    remember as remember,
)
from .response import (
    Answer as Answer,
)
from .retries import (
    PERMISSION as PERMISSION,
)
