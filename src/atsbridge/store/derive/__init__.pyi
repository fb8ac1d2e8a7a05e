from .derivation import (
    Derivation as Derivation,
)
