from . import deferred_indexes as deferred_indexes
from .codec import (
    decode as decode,
)
from .codec import (
    decoder as decoder,
)
from .codec import (
    dump as dump,
)
from .codec import (
    encode as encode,
)
from .codec import (
    encoder as encoder,
)
from .codec import (
    instant as instant,
)
from .codec import (
    instant_or_none as instant_or_none,
)
from .codec import (
    load as load,
)
from .codec import (
    log as log,
)
from .codec import (
    ms as ms,
)
from .codec import (
    ms_or_none as ms_or_none,
)
from .codec import (
    plain_text as plain_text,
)
from .codec import (
    unlog as unlog,
)
from .connection import (
    POOL as POOL,
)
from .connection import (
    SESSION as SESSION,
)
from .connection import (
    Database as Database,
)
from .connection import (
    read_once as read_once,
)
from .connection import (
    sql as sql,
)
from .database_errors import (
    explained as explained,
)
from .file_permissions import (
    create_private as create_private,
)
from .file_permissions import (
    make_private as make_private,
)
from .known_columns import (
    refuse_unknown_columns as refuse_unknown_columns,
)
from .locks import (
    account_lock as account_lock,
)
from .locks import (
    require_lock as require_lock,
)
from .locks import (
    schema_lock as schema_lock,
)
from .measured_statistics import (
    measure_if_much_changed as measure_if_much_changed,
)
from .migration_steps import (
    SCHEMA as SCHEMA,
)
from .migrations import (
    columns_fingerprint as columns_fingerprint,
)
from .migrations import (
    is_current as is_current,
)
from .migrations import (
    migrate as migrate,
)
from .migrations import (
    read_schema as read_schema,
)
from .planner_statistics import (
    settle as settle,
)
from .record_tables import (
    RECORDS as RECORDS,
)
from .table_names import (
    table_name as table_name,
)
from .tables import (
    AGENDA as AGENDA,
)
from .tables import (
    WORK as WORK,
)
from .tables import (
    metadata as metadata,
)
