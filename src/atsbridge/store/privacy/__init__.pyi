from .erasure import (
    read_forgotten as read_forgotten,
)
from .sql_privacy import (
    SqlPrivacy as SqlPrivacy,
)
