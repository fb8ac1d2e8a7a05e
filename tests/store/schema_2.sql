-- A store of schema 2: records, one of them deleted, cases, a notice, dirty records, bookmarks.
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
	deleted_with TEXT, 
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
	contacted_at INTEGER, 
	rejected_at INTEGER, 
	reason TEXT, 
	tags TEXT, 
	concern TEXT, 
	stage_entered_at INTEGER, 
	submitted_at INTEGER, 
	feedback_complete_at INTEGER, 
	decided_at INTEGER, 
	offer_drafted_at INTEGER, 
	last_human_activity_at INTEGER, 
	last_candidate_contact_at INTEGER, 
	closed_at INTEGER, 
	holder TEXT, 
	holder_role TEXT, 
	holder_since INTEGER, 
	PRIMARY KEY (account, id)
)
 WITHOUT ROWID

;
INSERT INTO "applications" VALUES('acme','a1',8,NULL,NULL,NULL,NULL,NULL,1772452800000,NULL,NULL,'r1',NULL,'active',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'unclear',NULL);
INSERT INTO "applications" VALUES('acme','a2',8,NULL,NULL,NULL,NULL,NULL,1772452800000,1772452800000,NULL,'r1',NULL,'active',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE approvals (
	account TEXT NOT NULL, 
	id TEXT NOT NULL, 
	parts INTEGER DEFAULT 0 NOT NULL, 
	deleted_with TEXT, 
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
CREATE TABLE asked (
	account TEXT NOT NULL, 
	stream TEXT NOT NULL, 
	parent TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (account, stream, parent)
)
 WITHOUT ROWID

;
CREATE TABLE briefs (
	account TEXT NOT NULL, 
	id TEXT NOT NULL, 
	parts INTEGER DEFAULT 0 NOT NULL, 
	deleted_with TEXT, 
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
	source TEXT, 
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
	deleted_with TEXT, 
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
	false_facts TEXT, 
	finding TEXT, 
	end_params TEXT, 
	PRIMARY KEY (number)
);
INSERT INTO "cases" VALUES(1,'acme','late','application','a1',1772452800000,'breached','none',NULL,'resolved',1772452800000,'stopped',NULL,NULL,NULL,'[]',0,NULL,'','{"path":"application.holder_since"}');
INSERT INTO "cases" VALUES(2,'acme','stalled-in-stage','application','a1',1772452800000,'breached','none',NULL,NULL,NULL,'',NULL,1772452800000,'u1','[]',0,NULL,'','');
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
INSERT INTO "changes" VALUES(1,'acme','application','a1','holder','"u0"','"u1"',NULL,1772452800000,'poll',NULL);
CREATE TABLE criteria (
	account TEXT NOT NULL, 
	id TEXT NOT NULL, 
	parts INTEGER DEFAULT 0 NOT NULL, 
	deleted_with TEXT, 
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
	deleted_with TEXT, 
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
INSERT INTO "digests" VALUES(1,'u1',X'7531','user');
INSERT INTO "digests" VALUES(2,'r1',X'7231','requisition');
INSERT INTO "digests" VALUES(3,'m1',X'6D31','team_member');
INSERT INTO "digests" VALUES(4,'a1',X'6131','application');
CREATE TABLE fences (
	account TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	PRIMARY KEY (account)
)
 WITHOUT ROWID

;
CREATE TABLE forgotten (
	account TEXT NOT NULL, 
	mark TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (account, mark)
)
 WITHOUT ROWID

;
CREATE TABLE interruptions (
	person TEXT NOT NULL, 
	day TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	PRIMARY KEY (person, day, "key")
)
 WITHOUT ROWID

;
CREATE TABLE interviews (
	account TEXT NOT NULL, 
	id TEXT NOT NULL, 
	parts INTEGER DEFAULT 0 NOT NULL, 
	deleted_with TEXT, 
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
	held TEXT, 
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
INSERT INTO "meta" VALUES('columns','574b521658ff61a6');
INSERT INTO "meta" VALUES('derived/acme','1772452800000');
INSERT INTO "meta" VALUES('schema','2');
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
INSERT INTO "notices" VALUES('k1','acme',2,'stalled-in-stage','application','a1','{"address":"ann@acme.example","kind":"person","person":"u1","sink":"post","why":"recruiter"}','send',0,'sent','',NULL,0,1772452800000,1772452800000,'{"ts":"1"}');
CREATE TABLE offers (
	account TEXT NOT NULL, 
	id TEXT NOT NULL, 
	parts INTEGER DEFAULT 0 NOT NULL, 
	deleted_with TEXT, 
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
	deleted_with TEXT, 
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
	deleted_with TEXT, 
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
	deleted_with TEXT, 
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
CREATE TABLE reassigned (
	account TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	id TEXT NOT NULL, 
	person TEXT NOT NULL, 
	"instead" TEXT NOT NULL, 
	PRIMARY KEY (account, kind, id, person)
)
 WITHOUT ROWID

;
CREATE TABLE requisitions (
	account TEXT NOT NULL, 
	id TEXT NOT NULL, 
	parts INTEGER DEFAULT 0 NOT NULL, 
	deleted_with TEXT, 
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
	pay_period TEXT, 
	recruiter TEXT, 
	coordinator TEXT, 
	sourcer TEXT, 
	hiring_manager TEXT, 
	first_submission_at INTEGER, 
	last_submission_at INTEGER, 
	first_interview_at INTEGER, 
	criteria_agreed_at INTEGER, 
	brief TEXT, 
	criteria TEXT, 
	holder TEXT, 
	holder_role TEXT, 
	holder_since INTEGER, 
	PRIMARY KEY (account, id)
)
 WITHOUT ROWID

;
INSERT INTO "requisitions" VALUES('acme','r1',2,NULL,NULL,NULL,NULL,NULL,1772452800000,NULL,NULL,'Data Engineer','open',NULL,NULL,NULL,NULL,NULL,1772452800000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'u1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'u1','recruiter',1772452800000);
CREATE TABLE scorecards (
	account TEXT NOT NULL, 
	id TEXT NOT NULL, 
	parts INTEGER DEFAULT 0 NOT NULL, 
	deleted_with TEXT, 
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
	unrated TEXT, 
	PRIMARY KEY (account, id)
)
 WITHOUT ROWID

;
CREATE TABLE seats (
	account TEXT NOT NULL, 
	id TEXT NOT NULL, 
	parts INTEGER DEFAULT 0 NOT NULL, 
	deleted_with TEXT, 
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
	feedback_owed INTEGER, 
	PRIMARY KEY (account, id)
)
 WITHOUT ROWID

;
CREATE TABLE silences (
	number INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	rule TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	id TEXT NOT NULL, 
	start_at INTEGER NOT NULL, 
	end_at INTEGER NOT NULL, 
	author TEXT NOT NULL, 
	comment TEXT NOT NULL, 
	PRIMARY KEY (number)
);
CREATE TABLE stage_stays (
	account TEXT NOT NULL, 
	id TEXT NOT NULL, 
	parts INTEGER DEFAULT 0 NOT NULL, 
	deleted_with TEXT, 
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
	deleted_with TEXT, 
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
	since INTEGER, 
	open INTEGER, 
	detail TEXT NOT NULL, 
	fingerprints TEXT NOT NULL, 
	owns TEXT NOT NULL, 
	creates TEXT DEFAULT '' NOT NULL, 
	doubt TEXT, 
	PRIMARY KEY (number)
);
INSERT INTO "streams" VALUES(1,'acme','users',0,'good',1772452800000,1772452800000,NULL,0,'','{}','{"user":["name","email"]}','["user"]',NULL);
INSERT INTO "streams" VALUES(2,'acme','requisitions',1,'good',1772452800000,1772452800000,NULL,0,'','{}','{"requisition":["title","status","opened_at"]}','["requisition"]',NULL);
INSERT INTO "streams" VALUES(3,'acme','team_members',2,'good',1772452800000,1772452800000,NULL,0,'','{}','{"team_member":["requisition","user","role"]}','["team_member"]',NULL);
INSERT INTO "streams" VALUES(4,'acme','applications',3,'good',1772452800000,1772452800000,NULL,0,'','{}','{"application":["requisition","status"]}','["application"]',NULL);
CREATE TABLE team_members (
	account TEXT NOT NULL, 
	id TEXT NOT NULL, 
	parts INTEGER DEFAULT 0 NOT NULL, 
	deleted_with TEXT, 
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
INSERT INTO "team_members" VALUES('acme','m1',4,NULL,NULL,NULL,NULL,NULL,1772452800000,NULL,'r1','u1','recruiter',NULL);
CREATE TABLE transitions (
	number INTEGER NOT NULL, 
	case_number INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "transitions" VALUES(1,2,1772452800000,'opened','','atsbridge');
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
	deleted_with TEXT, 
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
INSERT INTO "users" VALUES('acme','u1',1,NULL,NULL,NULL,NULL,NULL,1772452800000,NULL,'Ann Example','ann@acme.example',NULL,NULL,NULL);
CREATE TABLE work (
	account TEXT NOT NULL, 
	stream TEXT NOT NULL, 
	parent TEXT NOT NULL, 
	since INTEGER NOT NULL, 
	kind TEXT, 
	PRIMARY KEY (account, stream, parent)
)
 WITHOUT ROWID

;
CREATE INDEX openings_by_requisition ON openings (account, requisition);
CREATE INDEX criteria_by_requisition ON criteria (account, requisition);
CREATE INDEX briefs_by_requisition ON briefs (account, requisition);
CREATE INDEX stage_stays_by_application ON stage_stays (account, application);
CREATE INDEX interviews_by_application ON interviews (account, application);
CREATE INDEX interviews_by_ends_on ON interviews (account, ends_on) WHERE ends_on IS NOT NULL;
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
CREATE INDEX notices_unsent ON notices (account, state) WHERE state IN ('queued', 'retry', 'sending', 'held');
CREATE INDEX notices_by_case ON notices (case_number);
CREATE INDEX interruptions_by_key ON interruptions ("key");
CREATE INDEX team_members_by_requisition ON team_members (account, requisition);
CREATE INDEX applications_by_requisition ON applications (account, requisition);
CREATE INDEX applications_live ON applications (account, id) WHERE gone_at IS NULL AND (status = 'active') IS NOT 0;
COMMIT;
