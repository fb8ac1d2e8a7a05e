from .brief_page import (
    BriefPage as BriefPage,
)
from .brief_page import (
    SentForm as SentForm,
)
from .case_page import (
    CasePage as CasePage,
)
from .inbox_page import (
    InboxPage as InboxPage,
)
from .live_data import (
    LiveData as LiveData,
)
from .live_data import (
    PageNotFoundError as PageNotFoundError,
)
from .overview_page import (
    OverviewPage as OverviewPage,
)
from .overview_snapshot import (
    OverviewSnapshots as OverviewSnapshots,
)
from .page_renderer import (
    PageRenderer as PageRenderer,
)
from .promises_page import (
    PromisesPage as PromisesPage,
)
from .requisition_page import (
    RequisitionPage as RequisitionPage,
)
