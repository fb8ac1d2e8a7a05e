from .builtin_kinds import (
    BUILTIN_KINDS as BUILTIN_KINDS,
)
