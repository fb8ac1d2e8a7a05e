from .api_version import (
    API as API,
)
from .connector import (
    Checked as Checked,
)
from .connector import (
    Connector as Connector,
)
from .connector import (
    ConnectorSpec as ConnectorSpec,
)
from .connector import (
    Guess as Guess,
)
from .connector import (
    Hint as Hint,
)
from .connector import (
    Note as Note,
)
from .connector import (
    Reminder as Reminder,
)
from .connector import (
    Tools as Tools,
)
from .decision_store import (
    CaseStore as CaseStore,
)
from .decision_store import (
    Decision as Decision,
)
from .decision_store import (
    Look as Look,
)
from .history_store import (
    HistoryStore as HistoryStore,
)
from .http_bounds import (
    PAGES as PAGES,
)
from .http_bounds import (
    REQUEST as REQUEST,
)
from .http_bounds import (
    RESPONSE as RESPONSE,
)
from .http_bounds import (
    WAIT as WAIT,
)
from .http_bounds import (
    Bounds as Bounds,
)
from .outbox_store import (
    Admit as Admit,
)
from .outbox_store import (
    Admitted as Admitted,
)
from .outbox_store import (
    OutboxStore as OutboxStore,
)
from .outbox_store import (
    Spent as Spent,
)
from .outbox_store import (
    Waiting as Waiting,
)
from .record_store import (
    Doubt as Doubt,
)
from .record_store import (
    PageCounts as PageCounts,
)
from .record_store import (
    PageWrite as PageWrite,
)
from .record_store import (
    RecordStore as RecordStore,
)
from .record_store import (
    RowWrite as RowWrite,
)
from .record_store import (
    StreamState as StreamState,
)
from .record_store import (
    StreamStatus as StreamStatus,
)
from .record_store import (
    Work as Work,
)
from .rule_kind import (
    AnyRuleKind as AnyRuleKind,
)
from .rule_kind import (
    Place as Place,
)
from .rule_kind import (
    RuleKind as RuleKind,
)
from .rule_kind import (
    RuleSource as RuleSource,
)
from .sink import (
    Answer as Answer,
)
from .sink import (
    Answering as Answering,
)
from .sink import (
    Checking as Checking,
)
from .sink import (
    Placing as Placing,
)
from .sink import (
    Sent as Sent,
)
from .sink import (
    Sink as Sink,
)
from .sink import (
    SinkSpec as SinkSpec,
)
from .stream import (
    History as History,
)
from .stream import (
    Page as Page,
)
from .stream import (
    Parent as Parent,
)
from .stream import (
    Signal as Signal,
)
from .stream import (
    Stream as Stream,
)
from .stream import (
    Watch as Watch,
)
from .stream import (
    creators as creators,
)
from .subject_store import (
    SubjectStore as SubjectStore,
)
from .whole_store import (
    AnnouncementStore as AnnouncementStore,
)
from .whole_store import (
    Erased as Erased,
)
from .whole_store import (
    OwnWriteStore as OwnWriteStore,
)
from .whole_store import (
    PrivacyStore as PrivacyStore,
)
from .whole_store import (
    Remains as Remains,
)
from .whole_store import (
    RunStateStore as RunStateStore,
)
from .whole_store import (
    SilenceStore as SilenceStore,
)
from .whole_store import (
    Store as Store,
)
