from .derivation import (
    derive as derive,
)
