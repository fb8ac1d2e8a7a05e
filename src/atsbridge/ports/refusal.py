"""What a vendor means by a refused request."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """The meaning of a refused request. Each leads to one error."""

    CREDENTIAL = "credential"  # AuthError: the key is wrong or revoked; the account stops
    PERMISSION = "permission"  # DeniedError: the key may not do this; the other lists go on
    NOT_FOUND = "not_found"  # FatalError with status 404
    RATE_LIMIT = "rate_limit"  # RetryableError: nothing was done, also of a write
    TEMPORARY = "temporary"  # RetryableError; of a write AmbiguousError
    SYNC_TOKEN = "sync_token"  # SyncTokenError: the list is read whole again  # noqa: S105
    PAGE_TOKEN = "page_token"  # CursorError: the list is read again from its first page  # noqa: S105
    INVALID = "invalid"  # FatalError: another try would end the same way
