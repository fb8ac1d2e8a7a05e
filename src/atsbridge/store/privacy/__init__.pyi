from .erasure import (
    forgotten as forgotten,
)
from .sql_privacy import (
    SqlPrivacy as SqlPrivacy,
)
