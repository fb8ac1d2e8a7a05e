from .case_documents import (
    BacklogDocument as BacklogDocument,
)
from .case_documents import (
    CaseDocument as CaseDocument,
)
from .case_documents import (
    HistoryEntry as HistoryEntry,
)
from .case_documents import (
    NoticeDetails as NoticeDetails,
)
from .case_documents import (
    NoticeDocument as NoticeDocument,
)
from .json_documents import (
    DOCUMENTS as DOCUMENTS,
)
from .json_documents import (
    VERSION as VERSION,
)
from .operation_documents import (
    AccountStatusDocument as AccountStatusDocument,
)
from .operation_documents import (
    BriefDocument as BriefDocument,
)
from .operation_documents import (
    CheckDocument as CheckDocument,
)
from .operation_documents import (
    ErasureDocument as ErasureDocument,
)
from .operation_documents import (
    ErrorDocument as ErrorDocument,
)
from .operation_documents import (
    PersonChoiceDocument as PersonChoiceDocument,
)
from .operation_documents import (
    PersonErasureDocument as PersonErasureDocument,
)
from .operation_documents import (
    ProblemDocument as ProblemDocument,
)
from .operation_documents import (
    RestorationDocument as RestorationDocument,
)
from .operation_documents import (
    StoreBackupDocument as StoreBackupDocument,
)
from .operation_documents import (
    StoreCheckDocument as StoreCheckDocument,
)
from .operation_documents import (
    StoreCopyDocument as StoreCopyDocument,
)
from .operation_documents import (
    StoreFinding as StoreFinding,
)
from .operation_documents import VersionDocument as VersionDocument
from .operation_documents import (
    WebhookDocument as WebhookDocument,
)
from .operation_documents import (
    WorkersDocument as WorkersDocument,
)
from .rule_documents import (
    BacktestDocument as BacktestDocument,
)
from .rule_documents import (
    ClockDocument as ClockDocument,
)
from .rule_documents import (
    ExplanationDocument as ExplanationDocument,
)
