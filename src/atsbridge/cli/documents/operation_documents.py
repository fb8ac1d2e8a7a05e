"""JSON about the installation, candidates and briefs. Instants are ISO 8601 in UTC, or null."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict


class CheckDocument(TypedDict):
    """One check of `doctor`."""

    what: str
    good: bool
    detail: str
    remedy: str
    warning: Annotated[bool, "not good, but a run works without it"]


class DoctorDocument(TypedDict):
    """All checks."""

    sections: Annotated[dict[str, list[CheckDocument]], "section or account -> checks"]


class PluginDocument(TypedDict):
    """One installed plugin."""

    name: str
    version: str | None
    hooks: list[str]


class PluginProblem(TypedDict):
    """A plugin that was left out."""

    plugin: str
    what: str
    remedy: str


class PluginList(TypedDict):
    """What is installed."""

    plugins: list[PluginDocument]
    connectors: list[str]
    sinks: list[str]
    rule_kinds: list[str]
    rule_packs: list[str]
    problems: list[PluginProblem]


class ErasureDocument(TypedDict):
    """What `forget` erased."""

    account: str
    candidate: Annotated[str, "the candidate's id"]
    erased: Annotated[dict[str, int], "kind -> rows"]
    sent: Annotated[dict[str, int], "sink -> messages that cannot be erased"]
    copies: Annotated[list[str], "copies of the store that still hold the data"]
    remains: Annotated[str, "where erased bytes may still be; empty: nowhere"]


class AgreementDocument(TypedDict):
    """Who agreed to a brief."""

    name: str
    at: str | None


class BriefDocument(TypedDict):
    """The intake brief of a requisition."""

    requisition: Annotated[str, "account/requisition/id"]
    title: str
    source: Annotated[str, "where it was written; empty: there is none"]
    sections: Annotated[dict[str, Any], "section -> text or list of texts"]
    missing: Annotated[list[str], "sections without text"]
    agreed: Annotated[dict[str, AgreementDocument], "role -> agreement"]
    agreed_at: Annotated[str | None, "when both sides had agreed"]
    readable: Annotated[bool, "false: its file has errors"]
