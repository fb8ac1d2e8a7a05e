"""A Singer target for SQLite, made of the SDK's classes for SQL; a known id is replaced."""

import json
from typing import Any

from singer_sdk import typing as th
from singer_sdk.sql import SQLConnector, SQLSink, SQLTarget


class FileConnector(SQLConnector):
    allow_temp_tables = False
    allow_column_alter = False

    def get_sqlalchemy_url(self, config: dict[str, Any]) -> str:
        return f"sqlite:///{config['path']}"


class FileSink(SQLSink[FileConnector]):
    connector_class = FileConnector
    max_size = 10_000

    @property
    def schema_name(self) -> None:
        return None

    def preprocess_record(self, record: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG002
        return {
            name: json.dumps(value) if isinstance(value, (dict, list)) else value
            for name, value in record.items()
        }

    def generate_insert_statement(self, full_table_name: Any, schema: dict[str, Any]) -> Any:
        return super().generate_insert_statement(full_table_name, schema).prefix_with("OR REPLACE")


class Writer(SQLTarget):
    name = "target-file"
    default_sink_class = FileSink
    config_jsonschema = th.PropertiesList(
        th.Property("path", th.StringType, required=True)
    ).to_dict()


Writer.cli()
