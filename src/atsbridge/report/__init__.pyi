from .case_views import (
    CaseView as CaseView,
)
from .case_views import (
    CaseViews as CaseViews,
)
from .page_text import (
    PageTime as PageTime,
)
from .reader_names import (
    ReaderNames as ReaderNames,
)
from .report_data import (
    AccountReport as AccountReport,
)
from .report_data import (
    Report as Report,
)
from .report_data import (
    ReportOptions as ReportOptions,
)
from .report_data import (
    collect_report as collect_report,
)
from .report_documents import (
    ReportDocument as ReportDocument,
)
from .report_exports import (
    to_csv as to_csv,
)
from .report_exports import (
    to_document as to_document,
)
from .report_page import (
    page_environment as page_environment,
)
from .report_page import (
    read_style as read_style,
)
from .report_page import (
    render_page as render_page,
)
from .requisition_views import (
    RequisitionView as RequisitionView,
)
from .requisition_views import (
    RequisitionViews as RequisitionViews,
)
