"""The packs that docs/rules.md shows, whole. Tests load and run them."""

from __future__ import annotations

# A whole pack, which the tests of the docs load and play.
EXAMPLE = """\
version: 1
defaults: {calendar: office, owner: recruiting_ops}
rules:
  - id: screening-late
    kind: sla
    status: shadow
    title: Screening
    why: Good candidates have other offers within days.
    side: recruiter
    each: application
    where: {application.status: active, stage.kind: {in: [lead, screen, review, interview]}}
    clock:
      start: application.applied_at
      stop: application.submitted_at
      pause: [requisition.on_hold]
      cancel: [application.closed_at]
      owed_by: application.recruiter
    target: 2bd
    steps:
      - {at: "75%", to: application.recruiter, via: dm}
      - {at: due, to: application.recruiter, via: dm}
      - {at: +1bd, to: requisition.hiring_manager, via: digest}
    message: "{candidate.display_name} ({requisition.title}) waits to be screened."
    tests:
      - name: a weekend does not count
        given:
          application.status: active
          stage.kind: screen
          application.applied_at: "2026-03-05T16:00[Europe/Lisbon]"
          application.recruiter: {timezone: Europe/Lisbon, country: PT}
          candidate.initials: B.K.
          requisition.title: Data Engineer
        expect:
          - {at: "2026-03-06T09:00[Europe/Lisbon]", clock: running, sent: []}
          - at: "2026-03-09T16:00[Europe/Lisbon]"
            clock: breached
            due: "2026-03-09T16:00[Europe/Lisbon]"
            sent:
              - to: application.recruiter
                text: "B.K. (Data Engineer) waits to be screened."
      - name: the profile goes to the hiring manager in time
        given:
          application.status: active
          stage.kind: review
          application.applied_at: "2026-03-05T16:00[Europe/Lisbon]"
          application.submitted_at: "2026-03-09T11:00[Europe/Lisbon]"
          application.recruiter: {timezone: Europe/Lisbon, country: PT}
        expect:
          - at: "2026-03-09T10:00[Europe/Lisbon]"
            clock: warned
            sent: [{to: application.recruiter}]
          - {at: "2026-03-09T12:00[Europe/Lisbon]", end: resolved}
"""

# A pack whose tests are given more than facts; loaded and played as well.
TESTED = """\
version: 1
defaults: {calendar: office, owner: recruiting_ops}
rules:
  - id: panel-split
    kind: spread
    status: shadow
    title: The panel does not agree
    why: A short talk now saves a long one after the offer.
    each: application
    where: {application.status: active}
    of: seat
    among: {seat.feedback_owed: true}
    value: seat.scorecard.recommendation
    once: seat.scorecard.submitted_at
    apart: 3
    steps: [{at: due, to: requisition.recruiter}, {at: +1bd, to: requisition.recruiter}]
    message: "All feedback on {candidate.display_name} is in, pointing both ways. Talk first."
    tests:
      - name: everybody has answered
        given:
          application.status: active
          requisition.recruiter: ana
          people:
            ana: {timezone: Europe/Lisbon, country: PT, holidays: {2026-03-06: Town day}}
          records:
            seat:
              - seat.feedback_owed: true
                seat.scorecard.submitted_at: "2026-03-04T10:00Z"
                seat.scorecard.recommendation: 2
              - seat.feedback_owed: true
                seat.scorecard.submitted_at: "2026-03-05T10:00Z"
                seat.scorecard.recommendation: -1
          answers:
            - {at: "2026-03-05T13:00Z", says: ack, until: "2026-03-12T13:00Z"}
        expect:
          - {at: "2026-03-04T12:00Z", end: resolved, sent: []}
          - {at: "2026-03-05T12:00Z", clock: breached, sent: [{to: requisition.recruiter}]}
          - {at: "2026-03-09T12:00Z", handling: acknowledged, sent: []}
  - id: priority-changed
    kind: changed
    status: shadow
    title: A search changed
    each: requisition
    fields: [requisition.priority]
    since: requisition.opened_at
    steps: [{at: due, to: requisition.recruiter, via: digest}]
    message: "Changed on {requisition.title}: {check.found}."
    tests:
      - name: nobody had said so
        given:
          requisition.opened_at: "2026-02-02T10:00Z"
          requisition.title: Data Engineer
          changes:
            - {at: "2026-03-04T09:00Z", field: requisition.priority, from: High, to: Low}
        expect:
          - at: "2026-03-04T09:10Z"
            sent:
              - to: requisition.recruiter
                via: digest
                text: "priority from High to Low (on Wed 4 Mar)"
"""
