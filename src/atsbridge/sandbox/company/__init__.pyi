from . import brief_documents as brief_documents
from . import scripted_events as scripted_events
from .company_copies import (
    build_company as build_company,
)
from .employees import (
    Person as Person,
)
from .fake_company import (
    START as START,
)
from .fake_company import (
    Company as Company,
)
from .fake_company import (
    CompanyProfile as CompanyProfile,
)
