from . import publish as publish
from .crash import (
    fault as fault,
)
from .crash import (
    frames as frames,
)
from .journal import (
    Journal as Journal,
)
from .run_document import DOCUMENT_VERSION as DOCUMENT_VERSION
from .run_document import make_run_document as make_run_document
