"""Load the list of applications with dlt's declarative REST source.

python dlt_load.py URL FOLDER duckdb|sqlite replace|delete-insert|scd2
"""

import sys

import dlt
from dlt.sources.rest_api import rest_api_source

url, folder, kind, strategy = sys.argv[1:]
disposition = "replace" if strategy == "replace" else {"disposition": "merge", "strategy": strategy}
source = rest_api_source(
    {
        "client": {"base_url": url, "paginator": "header_link"},
        "resource_defaults": {
            "primary_key": "id",
            "write_disposition": disposition,
        },
        "resources": [
            {
                "name": "applications",
                "max_table_nesting": 0,
                "endpoint": {
                    "path": "v3/applications",
                    "params": {"per_page": 500},
                    "data_selector": "$",
                },
            }
        ],
    }
)
destination = (
    dlt.destinations.duckdb(f"{folder}/store.duckdb")
    if kind == "duckdb"
    else dlt.destinations.sqlalchemy(f"sqlite:///{folder}/store.db")
)
dlt.pipeline("applications", pipelines_dir=folder, destination=destination, dataset_name="ats").run(
    source, loader_file_format="parquet" if kind == "duckdb" else None
)
