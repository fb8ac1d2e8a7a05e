from . import discovery as discovery
from . import pilot as pilot
from .compiler import (
    CheckPrefilter as CheckPrefilter,
)
from .compiler import (
    build_rule as build_rule,
)
from .compiler import (
    check_rule as check_rule,
)
from .compiler import (
    clock_rule as clock_rule,
)
from .discovery import (
    builtin_packs as builtin_packs,
)
from .pack_loader import (
    DefaultKeys as DefaultKeys,
)
from .signal_coverage import (
    CoverageLevel as CoverageLevel,
)
from .signal_coverage import (
    answered as answered,
)
from .signal_coverage import (
    coverage as coverage,
)
