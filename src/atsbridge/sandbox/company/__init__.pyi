from . import brief_documents as brief_documents
from . import scripted_events as scripted_events
from .company import (
    START as START,
)
from .company import (
    Company as Company,
)
from .employees import (
    Person as Person,
)
