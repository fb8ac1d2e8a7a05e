from .sql_job_queue import (
    SqlJobQueue as SqlJobQueue,
)
