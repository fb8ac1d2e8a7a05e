from .worker_process import (
    WorkerEnd as WorkerEnd,
)
from .worker_process import (
    WorkerProcess as WorkerProcess,
)
from .worker_process import (
    make_session_name as make_session_name,
)
from .worker_timings import (
    WorkerTimings as WorkerTimings,
)
