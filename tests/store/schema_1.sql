-- A store of schema 1, as the first release makes it: one user, one open case.
BEGIN TRANSACTION;
CREATE TABLE agenda (
  account TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  look_at INTEGER NOT NULL,
  PRIMARY KEY (account, kind, id)
)
 WITHOUT ROWID
;
CREATE TABLE applications (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  candidate TEXT,
  requisition TEXT,
  stage TEXT,
  status TEXT,
  recruiter TEXT,
  coordinator TEXT,
  source TEXT,
  applied_at INTEGER,
  last_activity_at INTEGER,
  rejected_at INTEGER,
  reason TEXT,
  tags TEXT,
  concern TEXT,
  stage_entered_at INTEGER,
  submitted_at INTEGER,
  feedback_complete_at INTEGER,
  decided_at INTEGER,
  last_human_activity_at INTEGER,
  closed_at INTEGER,
  holder TEXT,
  holder_role TEXT,
  holder_since INTEGER,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
CREATE TABLE approvals (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  requisition TEXT,
  offer TEXT,
  user TEXT,
  requested_at INTEGER,
  decided_at INTEGER,
  status TEXT,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
CREATE TABLE briefs (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  requisition TEXT,
  version INTEGER,
  sections TEXT,
  agreed TEXT,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
CREATE TABLE cache (
  "key" TEXT NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY ("key")
);
CREATE TABLE candidates (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  display_name TEXT,
  initials TEXT,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
CREATE TABLE cases (
  number INTEGER NOT NULL,
  account TEXT NOT NULL,
  rule TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  clock TEXT NOT NULL,
  handling TEXT NOT NULL,
  handling_until INTEGER,
  ending TEXT,
  ended_at INTEGER,
  end_reason TEXT NOT NULL,
  started_at INTEGER,
  due_at INTEGER,
  owed_by TEXT,
  steps_done TEXT NOT NULL,
  baseline INTEGER NOT NULL,
  PRIMARY KEY (number)
);
INSERT INTO "cases" VALUES(1,'acme','feedback-late','seat','s1',1772452800000,'warned','none',NULL,NULL,NULL,'',NULL,NULL,NULL,'[]',0);
CREATE TABLE changes (
  number INTEGER NOT NULL,
  account TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  field TEXT NOT NULL,
  old TEXT,
  new TEXT,
  occurred_at INTEGER,
  observed_at INTEGER NOT NULL,
  origin TEXT NOT NULL,
  actor TEXT,
  PRIMARY KEY (number)
);
CREATE TABLE criteria (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  requisition TEXT,
  name TEXT,
  type TEXT,
  stages TEXT,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
CREATE TABLE departments (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  name TEXT,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
CREATE TABLE digests (
  stream INTEGER NOT NULL,
  id TEXT NOT NULL,
  hash BLOB NOT NULL,
  brought TEXT NOT NULL,
  PRIMARY KEY (stream, id)
)
 WITHOUT ROWID
;
INSERT INTO "digests" VALUES(1,'u1',X'0102','user');
CREATE TABLE interviews (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  application TEXT,
  stage TEXT,
  status TEXT,
  starts_at INTEGER,
  ends_at INTEGER,
  starts_on TEXT,
  ends_on TEXT,
  scheduled_at INTEGER,
  availability_at INTEGER,
  organiser TEXT,
  cancelled_at INTEGER,
  rescheduled_at INTEGER,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
CREATE TABLE meta (
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (name)
)
 WITHOUT ROWID
;
INSERT INTO "meta" VALUES('columns','f681dcd40d5a5a15');
INSERT INTO "meta" VALUES('schema','1');
CREATE TABLE notices (
  "key" TEXT NOT NULL,
  account TEXT NOT NULL,
  case_number INTEGER NOT NULL,
  rule TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  destination TEXT NOT NULL,
  purpose TEXT NOT NULL,
  step INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  not_before INTEGER,
  attempts INTEGER NOT NULL,
  created_at INTEGER,
  sent_at INTEGER,
  receipt TEXT NOT NULL,
  PRIMARY KEY ("key")
);
CREATE TABLE offers (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  application TEXT,
  version INTEGER,
  status TEXT,
  drafted_at INTEGER,
  approved_at INTEGER,
  sent_at INTEGER,
  sent_on TEXT,
  resolved_at INTEGER,
  starts_on TEXT,
  pay TEXT,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
CREATE TABLE offices (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  name TEXT,
  timezone TEXT,
  country TEXT,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
CREATE TABLE openings (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  requisition TEXT,
  status TEXT,
  opened_at INTEGER,
  closed_at INTEGER,
  target_on TEXT,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
CREATE TABLE own_writes (
  account TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  written TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (account, kind, id, written)
)
 WITHOUT ROWID
;
CREATE TABLE reasons (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  name TEXT,
  kind TEXT,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
CREATE TABLE requisitions (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  code TEXT,
  title TEXT,
  status TEXT,
  kind TEXT,
  priority TEXT,
  department TEXT,
  office TEXT,
  confidential INTEGER,
  opened_at INTEGER,
  closed_at INTEGER,
  target_on TEXT,
  headcount INTEGER,
  filled INTEGER,
  pay_min FLOAT,
  pay_max FLOAT,
  pay_currency TEXT,
  recruiter TEXT,
  coordinator TEXT,
  sourcer TEXT,
  hiring_manager TEXT,
  first_submission_at INTEGER,
  last_submission_at INTEGER,
  first_interview_at INTEGER,
  criteria_agreed_at INTEGER,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
CREATE TABLE runs (
  number INTEGER NOT NULL,
  account TEXT NOT NULL,
  at INTEGER NOT NULL,
  summary TEXT NOT NULL,
  PRIMARY KEY (number)
);
CREATE TABLE scorecards (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  application TEXT,
  interview TEXT,
  author TEXT,
  submitted_at INTEGER,
  recommendation INTEGER,
  ratings TEXT,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
CREATE TABLE seats (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  interview TEXT,
  user TEXT,
  guest TEXT,
  response TEXT,
  feedback_required INTEGER,
  scorecard TEXT,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
CREATE TABLE stage_stays (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  application TEXT,
  stage TEXT,
  entered_at INTEGER,
  left_at INTEGER,
  origin TEXT,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
CREATE TABLE stages (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  requisition TEXT,
  name TEXT,
  "order" INTEGER,
  kind TEXT,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
CREATE TABLE streams (
  number INTEGER NOT NULL,
  account TEXT NOT NULL,
  stream TEXT NOT NULL,
  bit INTEGER NOT NULL,
  status TEXT NOT NULL,
  mark INTEGER,
  read_at INTEGER,
  detail TEXT NOT NULL,
  fingerprints TEXT NOT NULL,
  owns TEXT NOT NULL,
  PRIMARY KEY (number)
);
INSERT INTO "streams" VALUES(1,'acme','users',0,'good',1772452800000,1772452800000,'','{}','{"user":["name","email"]}');
CREATE TABLE team_members (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  requisition TEXT,
  user TEXT,
  role TEXT,
  responsible INTEGER,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
CREATE TABLE transitions (
  number INTEGER NOT NULL,
  case_number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  name TEXT NOT NULL,
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  PRIMARY KEY (number)
);
CREATE TABLE unjudged (
  account TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (account, kind, id)
)
 WITHOUT ROWID
;
INSERT INTO "unjudged" VALUES('acme','','');
CREATE TABLE users (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  parts INTEGER DEFAULT 0 NOT NULL,
  created_at INTEGER,
  updated_at INTEGER,
  custom TEXT,
  url TEXT,
  first_seen_at INTEGER,
  gone_at INTEGER,
  name TEXT,
  email TEXT,
  active INTEGER,
  office TEXT,
  calendar TEXT,
  PRIMARY KEY (account, id)
)
 WITHOUT ROWID
;
INSERT INTO "users" VALUES('acme','u1',1,NULL,NULL,NULL,NULL,1772452800000,NULL,'Ann Example','ann@acme.example',NULL,NULL,NULL);
CREATE TABLE work (
  account TEXT NOT NULL,
  stream TEXT NOT NULL,
  parent TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (account, stream, parent)
)
 WITHOUT ROWID
;
CREATE INDEX openings_by_requisition ON openings (account, requisition);
CREATE INDEX team_members_by_requisition ON team_members (account, requisition);
CREATE INDEX briefs_by_requisition ON briefs (account, requisition);
CREATE INDEX applications_by_requisition ON applications (account, requisition);
CREATE INDEX applications_live ON applications (account, id) WHERE gone_at IS NULL AND (status = 'active') IS NOT 0;
CREATE INDEX stage_stays_by_application ON stage_stays (account, application);
CREATE INDEX interviews_by_ends_on ON interviews (account, ends_on) WHERE ends_on IS NOT NULL;
CREATE INDEX interviews_by_application ON interviews (account, application);
CREATE INDEX interviews_by_ends_at ON interviews (account, ends_at) WHERE ends_at IS NOT NULL;
CREATE INDEX scorecards_by_application ON scorecards (account, application);
CREATE INDEX seats_by_interview ON seats (account, interview);
CREATE INDEX seats_by_scorecard ON seats (account, scorecard);
CREATE INDEX offers_by_application ON offers (account, application);
CREATE INDEX approvals_by_offer ON approvals (account, offer);
CREATE INDEX approvals_by_requisition ON approvals (account, requisition);
CREATE INDEX changes_by_record ON changes (account, kind, id, field);
CREATE UNIQUE INDEX streams_by_name ON streams (account, stream);
CREATE INDEX agenda_by_time ON agenda (account, look_at, kind);
CREATE UNIQUE INDEX cases_open ON cases (account, rule, kind, id) WHERE ending IS NULL;
CREATE INDEX transitions_by_case ON transitions (case_number);
CREATE INDEX notices_by_case ON notices (case_number);
CREATE INDEX notices_unsent ON notices (account, state) WHERE state IN ('queued', 'retry', 'sending', 'held');
CREATE INDEX runs_by_account ON runs (account, number);
COMMIT;
