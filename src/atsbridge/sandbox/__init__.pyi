from .chat.fake_teams import find_card_errors as find_card_errors
from .company import brief_documents as brief_documents
from .company import scripted_events as scripted_events
from .company.company_copies import (
    build_company as build_company,
)
from .company.employees import (
    Person as Person,
)
from .company.fake_company import (
    START as START,
)
from .company.fake_company import (
    Company as Company,
)
from .company.fake_company import (
    CompanyProfile as CompanyProfile,
)
from .company.invented_names import (
    DEPARTMENTS as DEPARTMENTS,
)
from .company.office_locations import (
    offices as offices,
)
from .company.requisition_events import (
    SHARED as SHARED,
)
from .http.fake_rate_limits import (
    RateBucket as RateBucket,
)
from .http.fake_rate_limits import (
    RateWindow as RateWindow,
)
from .http.fake_server import (
    Fake as Fake,
)
from .http.fake_server import (
    FakeServer as FakeServer,
)
from .http.fake_server import (
    RefusalExample as RefusalExample,
)
from .http.fake_server import (
    Request as Request,
)
from .http.fake_server import (
    Response as Response,
)
from .http.hostile_responses import (
    FURTHER as FURTHER,
)
from .http.hostile_responses import (
    TRICKS as TRICKS,
)
from .http.hostile_responses import (
    hostile as hostile,
)
from .http.hostile_responses import (
    is_further as is_further,
)
from .http.hostile_responses import (
    shift_ids as shift_ids,
)
from .http.signed_webhook import (
    SignedWebhook as SignedWebhook,
)
from .http.simple_fake import render_page as render_page
from .http.simple_fake import render_row as render_row
from .running_sandbox import (
    RunningSandbox as RunningSandbox,
)
from .running_sandbox import (
    SandboxAccount as SandboxAccount,
)
from .sandbox_builder import (
    SandboxOptions as SandboxOptions,
)
from .sandbox_builder import (
    build_sandbox as build_sandbox,
)
