"""The list of all JSON documents. docs/reference/json.md is generated from it."""

from __future__ import annotations

from typing import NamedTuple

from atsbridge.cli.documents import (
    case_documents,
    operation_documents,
    rule_documents,
)
from atsbridge.queries import RulePreviewList
from atsbridge.report import ReportDocument
from atsbridge.tick import DOCUMENT_VERSION, PlanDifference, RequestPlan, RunDocument

VERSION = DOCUMENT_VERSION


class JsonDocument(NamedTuple):
    """A command line, and the TypedDict of the document that it prints."""

    command: str
    type: type


DOCUMENTS = (
    JsonDocument("run --json", RunDocument),
    JsonDocument("plan --json", RunDocument),
    JsonDocument("plan --rules FILE --json", PlanDifference),
    JsonDocument("sync --json", RunDocument),
    JsonDocument("sync --plan --json", RequestPlan),
    JsonDocument("cases list --json", case_documents.CaseList),
    JsonDocument("cases show NUMBER --json", case_documents.CaseDetails),
    JsonDocument("cases silences --json", case_documents.SilenceList),
    JsonDocument("notices list --json", case_documents.NoticeList),
    JsonDocument("notices show KEY --json", case_documents.NoticeDetails),
    JsonDocument("explain CASE --json", rule_documents.ExplanationList),
    JsonDocument("intake show REQ --json", operation_documents.BriefDocument),
    JsonDocument("rules check --json", rule_documents.RulesCheck),
    JsonDocument("rules list --json", rule_documents.RuleList),
    JsonDocument("rules show RULE --json", rule_documents.RuleDetails),
    JsonDocument("rules preview RULE --json", RulePreviewList),
    JsonDocument("rules backtest RULE --json", rule_documents.BacktestList),
    JsonDocument("rules promote RULE --json", rule_documents.PromotionDocument),
    JsonDocument("report --format json --out -", ReportDocument),
    JsonDocument("status --json", operation_documents.StatusDocument),
    JsonDocument("webhooks ACCOUNT --json", operation_documents.WebhookDocument),
    JsonDocument("doctor --json", operation_documents.DoctorDocument),
    JsonDocument("plugins --json", operation_documents.PluginList),
    JsonDocument("forget CANDIDATE --json", operation_documents.ErasureDocument),
    JsonDocument("forget CANDIDATE --undo --json", operation_documents.RestorationDocument),
    JsonDocument("forget E-MAIL --json", operation_documents.PersonErasureDocument),
    JsonDocument("people list --json", operation_documents.PeopleDocument),
    JsonDocument("store backup PATH --json", operation_documents.StoreBackupDocument),
    JsonDocument("store copy FROM TO --json", operation_documents.StoreCopyDocument),
    JsonDocument("store check --json", operation_documents.StoreCheckDocument),
    JsonDocument("COMMAND --json", operation_documents.ErrorDocument),
)
