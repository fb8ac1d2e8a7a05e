"""Which headers usually mean which column, in some languages, to draft the tables of an account."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from atsbridge_files.header_names import plain_header


def _terms(**columns: str) -> Mapping[str, Sequence[str]]:
    """Column -> its headers, without case and accents."""
    return {
        column.replace("__", "."): [plain_header(one) for one in text.split(", ")]
        for column, text in columns.items()
    }


# kind.column (with "__") -> plain headers. The first match of a header counts.
HEADERS = _terms(
    requisition__id=(
        "requisition id, job requisition id, req id, job id, requisition number, req number,"
        " job req id, position id, stellen-id, stellennummer, kennziffer, vacancy id, posting id"
    ),
    requisition__title=(
        "requisition, job requisition, job title, requisition title, role, position, job,"
        " position title, vacancy, posting title, stelle, stellenbezeichnung, stellentitel,"
        " poste, puesto, titel, job posting title"
    ),
    requisition__status=(
        "requisition status, job status, req status, job requisition status, position status,"
        " stellenstatus, statut du poste"
    ),
    requisition__opened_at=(
        "recruiting start date, opened, opened on, open date, date opened, job opened,"
        " requisition open date, eröffnet am, ausgeschrieben am, posting date"
    ),
    requisition__closed_at="closed on, close date, date closed, geschlossen am, filled date",
    requisition__target_on=(
        "target start date, target hire date, target date, wunschtermin, start date wanted"
    ),
    requisition__headcount="headcount, number of openings, openings, positions, anzahl stellen",
    requisition__filled="filled, positions filled, hires, besetzt",
    requisition__priority="priority, priorität, priorite, prioridad",
    requisition__hiring_manager=(
        "hiring manager email, hiring manager e-mail, hiring manager, manager email, hm email,"
        " hm, manager, fachbereich, führungskraft, responsable, hiring manager mail"
    ),
    requisition__recruiter=(
        "recruiter email, recruiter e-mail, primary recruiter email, primary recruiter,"
        " recruiter, ta partner, recruiterin, recruteur, reclutador, recruiter mail"
    ),
    requisition__coordinator="coordinator email, coordinator, recruiting coordinator",
    requisition__office="job location, office, standort, location, site",
    requisition__department="department, abteilung, departement, org unit, team",
    requisition__pay_min="salary min, pay range minimum, minimum salary, gehalt von",
    requisition__pay_max="salary max, pay range maximum, maximum salary, gehalt bis",
    requisition__pay_currency="currency, salary currency, währung",
    application__id="application id, job application id, bewerbungs-id, candidacy id",
    application__candidate_id=(
        "candidate id, applicant id, bewerber-id, bewerbernummer, candidate number, person id"
    ),
    application__candidate=(
        "candidate, candidate name, applicant, applicant name, bewerber, bewerberin, kandidat,"
        " candidat, candidato, candidate email"
    ),
    application__stage=(
        "stage, current stage, recruiting stage, step, candidate stage, phase, stufe, etape,"
        " etapa, pipeline stage, current step"
    ),
    application__status=(
        "status, application status, candidate status, disposition, statut, estado, state"
    ),
    application__applied_at=(
        "applied, applied on, application date, date applied, applied date, applied at,"
        " beworben am, bewerbungsdatum, eingang, date de candidature, job application date"
    ),
    application__rejected_at=(
        "rejected on, rejection date, date rejected, disposition date, absage am, rejected"
    ),
    application__reason="rejection reason, disposition reason, absagegrund, reason, motif",
    application__source="source, quelle, canal, source of candidate, recruiting source",
    application__last_activity_at=(
        "last activity, last activity date, last updated, last modified, letzte aktivität,"
        " last moved"
    ),
    stage_stay__entered_at=(
        "stage since, stage date, stage entered, stage entered on, entered stage, stage start"
        " date, date entered stage, in stage since, seit, in stufe seit, step date, stage change"
        " date, current stage date"
    ),
    interview__starts_at=(
        "interview date, interview, interview on, interview start, interview time, interview"
        " scheduled for, interviewtermin, gespräch am, date entretien, interview start time"
    ),
    interview__ends_at="interview end, interview end time, interview ends, gesprächsende",
    interview__status="interview status, gesprächsstatus",
    interview__interviewers=(
        "interviewer email, interviewer emails, interviewer, interviewers, panel, interviewt von"
    ),
    interview__feedback_at=(
        "feedback on, feedback date, feedback submitted, feedback received, feedback submitted on,"
        " scorecard submitted, feedback am, evaluation date, feedback"
    ),
    offer__sent_on=(
        "offer sent, offer sent on, offer date, offer extended date, angebot am, angebot gesendet"
    ),
    offer__status="offer status, angebotsstatus",
    user__id="worker id, employee id, user id, personalnummer",
    user__name="name, full name, worker, employee, user, mitarbeiter, colleague, nom, nombre",
    user__email="work email, email address, email, e-mail, user email, mail, e-mail address",
    user__active="active, active status, aktiv",
)

# kind -> the catalog's term -> terms of exports.
_STATUSES: Mapping[str, Mapping[str, str]] = {
    "application": {
        "active": (
            "active, open, in progress, in process, new, interviewing, aktiv, offen, laufend,"
            " in bearbeitung, en cours, en proceso, under consideration, reviewing"
        ),
        "on_hold": "on hold, paused, pausiert, en attente",
        "hired": "hired, eingestellt, embauche, contratado",
        "rejected": (
            "rejected, declined, not selected, disqualified, abgelehnt, absage, refuse, rechazado,"
            " archived"
        ),
        "withdrawn": "withdrawn, withdrew, candidate withdrew, zurückgezogen, retire, retirado",
    },
    "requisition": {
        "open": "open, active, posted, offen, aktiv, ouvert, abierto",
        "on_hold": "on hold, frozen, paused, pausiert, hold",
        "filled": "filled, hired, besetzt, pourvu",
        "closed": "closed, geschlossen, ferme, cerrado",
        "cancelled": "cancelled, canceled, abgebrochen, annule",
        "draft": "draft, entwurf",
        "pending_approval": "pending, pending approval, in approval",
    },
}
STATUS_TERMS = {
    kind: {term: value for value, text in terms.items() for term in text.split(", ")}
    for kind, terms in _STATUSES.items()
}

_INDEX: dict[str, str] = {}
for _column, _headers in HEADERS.items():
    for _header in _headers:
        _INDEX.setdefault(_header, _column)
_PUNCTUATION = re.compile(r"[^\w\s]+")


def guess_column(header: str) -> str:
    """ "kind.column" of a header; "" if it is none that is known."""
    plain = plain_header(header)
    bare = " ".join(_PUNCTUATION.sub(" ", plain).split())
    return _INDEX.get(plain) or _INDEX.get(bare) or _INDEX.get(plain.replace("-", " ")) or ""
