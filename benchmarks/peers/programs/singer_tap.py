"""A Singer tap for the list of applications: Singer messages on standard output."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.pagination import BaseHATEOASPaginator, HeaderLinkPaginator


class Applications(RESTStream[Any]):
    name = "applications"
    path = "/v3/applications"
    primary_keys = ("id",)
    schema = th.PropertiesList(
        th.Property("id", th.IntegerType, required=True),
        *(
            th.Property(name, th.IntegerType)
            for name in (
                "candidate_id",
                "job_id",
                "job_post_id",
                "stage_id",
                "job_interview_stage_id",
                "recruiter_id",
                "coordinator_id",
                "source_id",
                "referrer_id",
                "agency_note_id",
            )
        ),
        *(
            th.Property(name, th.StringType)
            for name in ("status", "stage_name", "location_address")
        ),
        *(
            th.Property(name, th.DateTimeType)
            for name in ("rejected_at", "last_activity_at", "created_at", "updated_at")
        ),
        *(th.Property(name, th.BooleanType) for name in ("prospect", "needs_decision")),
        th.Property("prospective_job_ids", th.ArrayType(th.IntegerType)),
        th.Property("answers", th.ArrayType(th.ObjectType(additional_properties=True))),
        th.Property("custom_fields", th.ObjectType(additional_properties=True)),
    ).to_dict()

    @property
    def url_base(self) -> str:
        return str(self.config["url"])

    def get_new_paginator(self) -> BaseHATEOASPaginator:
        return HeaderLinkPaginator()

    def get_url_params(self, context: Any, next_page_token: Any) -> dict[str, Any]:  # noqa: ARG002
        follows = parse_qsl(next_page_token.query) if next_page_token else ()
        return {"per_page": 500, **dict(follows)}


class Reader(Tap):
    name = "tap-applications"
    config_jsonschema = th.PropertiesList(
        th.Property("url", th.StringType, required=True)
    ).to_dict()

    def discover_streams(self) -> Iterable[Applications]:
        return [Applications(self)]


Reader.cli()
