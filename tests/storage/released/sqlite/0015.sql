BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0015');
CREATE TABLE alert_events (
	id INTEGER NOT NULL, 
	alert_id INTEGER, 
	action TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	actor_name TEXT NOT NULL, 
	team_id TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	occurred_at INTEGER NOT NULL, 
	"before" JSON NOT NULL, 
	"after" JSON NOT NULL, 
	detail JSON NOT NULL, 
	dedupe_key TEXT NOT NULL, 
	CONSTRAINT pk_alert_events PRIMARY KEY (id), 
	CONSTRAINT fk_alert_events_alert_id_alerts FOREIGN KEY(alert_id) REFERENCES alerts (id), 
	CONSTRAINT uq_alert_events_dedupe_key UNIQUE (dedupe_key)
);
INSERT INTO "alert_events" VALUES(1,1,'opened','scan','','','',1795446000000,'{}','{}','{}','e1');
INSERT INTO "alert_events" VALUES(2,2,'opened','scan','','','',1795446000000,'{}','{}','{}','e2');
INSERT INTO "alert_events" VALUES(3,3,'opened','scan','','','',1795446000000,'{}','{}','{}','e3');
INSERT INTO "alert_events" VALUES(4,4,'opened','scan','','','',1795446000000,'{}','{}','{}','e4');
INSERT INTO "alert_events" VALUES(5,5,'opened','scan','','','',1795446000000,'{}','{}','{}','e5');
CREATE TABLE "alerts" (
	id INTEGER NOT NULL, 
	follow_up_at INTEGER, 
	"key" TEXT NOT NULL, 
	send_id INTEGER, 
	rule TEXT NOT NULL, 
	level TEXT NOT NULL, 
	status TEXT NOT NULL, 
	status_raw TEXT NOT NULL, 
	status_since INTEGER, 
	status_seq INTEGER NOT NULL, 
	due_at INTEGER NOT NULL, 
	threshold JSON NOT NULL, 
	why TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	state TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	opened_at INTEGER NOT NULL, 
	assignee TEXT, 
	acknowledged_by TEXT, 
	acknowledged_at INTEGER, 
	snoozed_until INTEGER, 
	snoozed_by TEXT, 
	support_by TEXT, 
	support_at INTEGER, 
	resolved_by TEXT, 
	resolved_at INTEGER, 
	resolved_reason TEXT, 
	CONSTRAINT pk_alerts PRIMARY KEY (id), 
	CONSTRAINT fk_alerts_send_id_sends FOREIGN KEY(send_id) REFERENCES sends (id) ON DELETE CASCADE, 
	CONSTRAINT ck_alerts_state CHECK (state IN ('firing', 'acknowledged', 'snoozed', 'resolved')), 
	CONSTRAINT uq_alerts_key UNIQUE ("key"), 
	CONSTRAINT uq_alerts_send_id_rule_status_seq_level UNIQUE (send_id, rule, status_seq, level)
);
INSERT INTO "alerts" VALUES(1,NULL,'a1',NULL,'overdue','late','shipped','x',NULL,1,1795446000000,'{}','','first','firing',1,1795446000000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "alerts" VALUES(2,NULL,'a2',NULL,'overdue','late','shipped','x',NULL,1,1795446000000,'{}','','first','acknowledged',1,1795446000000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "alerts" VALUES(3,NULL,'a3',NULL,'overdue','late','shipped','x',NULL,1,1795446000000,'{}','','first','firing',1,1795446000000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "alerts" VALUES(4,NULL,'a4',NULL,'overdue','late','shipped','x',NULL,1,1795446000000,'{}','','first','resolved',1,1795446000000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "alerts" VALUES(5,NULL,'a5',NULL,'overdue','late','shipped','x',NULL,1,1795446000000,'{}','','first','firing',1,1795446000000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE channel_pace (
	channel TEXT NOT NULL, 
	not_before INTEGER NOT NULL, 
	broken_code TEXT, 
	broken_since INTEGER, 
	CONSTRAINT pk_channel_pace PRIMARY KEY (channel)
);
CREATE TABLE config_changes (
	id INTEGER NOT NULL, 
	section TEXT NOT NULL, 
	"before" JSON NOT NULL, 
	"after" JSON NOT NULL, 
	version INTEGER NOT NULL, 
	changed_at INTEGER NOT NULL, 
	changed_by TEXT NOT NULL, 
	CONSTRAINT pk_config_changes PRIMARY KEY (id)
);
CREATE TABLE config_sections (
	section TEXT NOT NULL, 
	body JSON NOT NULL, 
	version INTEGER NOT NULL, 
	changed_at INTEGER NOT NULL, 
	changed_by TEXT NOT NULL, 
	CONSTRAINT pk_config_sections PRIMARY KEY (section)
);
CREATE TABLE forgotten (
	mark TEXT NOT NULL, 
	forgotten_at INTEGER NOT NULL, 
	CONSTRAINT pk_forgotten PRIMARY KEY (mark)
);
CREATE TABLE homes (
	user_id TEXT NOT NULL, 
	team_id TEXT NOT NULL, 
	opened_at INTEGER NOT NULL, 
	asked JSON NOT NULL, 
	shown TEXT NOT NULL, 
	drawn_at INTEGER, 
	lease_until INTEGER, 
	CONSTRAINT pk_homes PRIMARY KEY (user_id)
);
CREATE TABLE install_states (
	mark TEXT NOT NULL, 
	ends_at INTEGER NOT NULL, 
	CONSTRAINT pk_install_states PRIMARY KEY (mark)
);
CREATE TABLE job_runs (
	name TEXT NOT NULL, 
	last_started_at INTEGER, 
	last_ok_at INTEGER, 
	last_error TEXT, 
	runs INTEGER NOT NULL, 
	CONSTRAINT pk_job_runs PRIMARY KEY (name)
);
CREATE TABLE leases (
	name TEXT NOT NULL, 
	holder TEXT NOT NULL, 
	until INTEGER NOT NULL, 
	token INTEGER NOT NULL, 
	CONSTRAINT pk_leases PRIMARY KEY (name)
);
CREATE TABLE look_up_sends (
	id INTEGER NOT NULL, 
	look_up_id INTEGER NOT NULL, 
	send_id INTEGER NOT NULL, 
	CONSTRAINT pk_look_up_sends PRIMARY KEY (id), 
	CONSTRAINT fk_look_up_sends_look_up_id_look_ups FOREIGN KEY(look_up_id) REFERENCES look_ups (id) ON DELETE CASCADE, 
	CONSTRAINT fk_look_up_sends_send_id_sends FOREIGN KEY(send_id) REFERENCES sends (id) ON DELETE CASCADE, 
	CONSTRAINT uq_look_up_sends_look_up_id_send_id UNIQUE (look_up_id, send_id)
);
CREATE TABLE look_ups (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	looked_at INTEGER NOT NULL, 
	surface TEXT NOT NULL, 
	name TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	CONSTRAINT pk_look_ups PRIMARY KEY (id), 
	CONSTRAINT uq_look_ups_key UNIQUE ("key")
);
CREATE TABLE messages (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	thread_of TEXT, 
	ts TEXT, 
	posted_channel TEXT, 
	body JSON NOT NULL, 
	wanted_rev INTEGER NOT NULL, 
	posted_rev INTEGER NOT NULL, 
	next_at INTEGER, 
	priority INTEGER NOT NULL, 
	phase TEXT NOT NULL, 
	attempt TEXT, 
	attempts INTEGER NOT NULL, 
	lease_until INTEGER, 
	first_attempt_at INTEGER, 
	last_error TEXT, 
	created_at INTEGER NOT NULL, 
	posted_at INTEGER, 
	CONSTRAINT pk_messages PRIMARY KEY (id), 
	CONSTRAINT ck_messages_phase CHECK (phase IN ('idle', 'posting', 'updating', 'unclear')), 
	CONSTRAINT uq_messages_key UNIQUE ("key")
);
INSERT INTO "messages" VALUES(1,'m1','group','C1',NULL,'1.0',NULL,'{}',1,1,NULL,0,'idle',NULL,0,NULL,NULL,NULL,1795446000000,NULL);
INSERT INTO "messages" VALUES(2,'m2','notice','U1',NULL,'2.0',NULL,'{"alert": 5, "copies": [3]}',1,1,NULL,0,'idle',NULL,0,NULL,NULL,NULL,1795446000000,NULL);
INSERT INTO "messages" VALUES(3,'m3','notice','U2',NULL,'3.0',NULL,'{"alert": 5}',1,1,NULL,0,'idle',NULL,0,NULL,NULL,NULL,1795446000000,NULL);
INSERT INTO "messages" VALUES(4,'m4','notice','C1','m1','4.0',NULL,'{"alert": 1}',1,1,NULL,0,'idle',NULL,0,NULL,NULL,NULL,1795446000000,NULL);
CREATE TABLE mutes (
	id INTEGER NOT NULL, 
	scope TEXT NOT NULL, 
	value TEXT NOT NULL, 
	label TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	created_at INTEGER NOT NULL, 
	ends_at INTEGER NOT NULL, 
	ended_at INTEGER, 
	ended_by TEXT, 
	replaces INTEGER, 
	told_end_at INTEGER, 
	CONSTRAINT pk_mutes PRIMARY KEY (id), 
	CONSTRAINT ck_mutes_scope CHECK (scope IN ('campaign', 'team', 'sender', 'rule', 'status', 'send')), 
	CONSTRAINT fk_mutes_replaces_mutes FOREIGN KEY(replaces) REFERENCES mutes (id)
);
CREATE TABLE notifications (
	id INTEGER NOT NULL, 
	alert_id INTEGER NOT NULL, 
	channel TEXT NOT NULL, 
	route TEXT NOT NULL, 
	policy JSON NOT NULL, 
	reason TEXT NOT NULL, 
	held TEXT NOT NULL, 
	message_id INTEGER, 
	next_at INTEGER, 
	told_at INTEGER, 
	last_told_at INTEGER, 
	repeats INTEGER NOT NULL, 
	escalations INTEGER NOT NULL, 
	CONSTRAINT pk_notifications PRIMARY KEY (id), 
	CONSTRAINT fk_notifications_alert_id_alerts FOREIGN KEY(alert_id) REFERENCES alerts (id) ON DELETE CASCADE, 
	CONSTRAINT fk_notifications_message_id_messages FOREIGN KEY(message_id) REFERENCES messages (id), 
	CONSTRAINT uq_notifications_alert_id_channel UNIQUE (alert_id, channel)
);
INSERT INTO "notifications" VALUES(1,1,'C1','','{}','','',1,NULL,1795446000000,1795446000000,0,0);
INSERT INTO "notifications" VALUES(2,2,'C1','','{}','','',1,NULL,1795446000000,1795446000000,0,0);
INSERT INTO "notifications" VALUES(3,5,'U1','','{}','','',2,NULL,1795446000000,1795446000000,0,0);
INSERT INTO "notifications" VALUES(4,3,'','','{}','','',NULL,1795446000000,NULL,NULL,0,0);
INSERT INTO "notifications" VALUES(5,5,'U2','','{}','','',3,NULL,1795446000000,1795446000000,0,0);
CREATE TABLE oauth_tokens (
	provider TEXT NOT NULL, 
	secret TEXT NOT NULL, 
	expires_at INTEGER, 
	version INTEGER NOT NULL, 
	updated_at INTEGER NOT NULL, 
	CONSTRAINT pk_oauth_tokens PRIMARY KEY (provider)
);
CREATE TABLE people (
	user_id TEXT NOT NULL, 
	team_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	email TEXT NOT NULL, 
	tz TEXT NOT NULL, 
	fetched_at INTEGER NOT NULL, locale TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_people PRIMARY KEY (user_id)
);
CREATE TABLE privacy_keys (
	name TEXT NOT NULL, 
	secret TEXT NOT NULL, 
	CONSTRAINT pk_privacy_keys PRIMARY KEY (name)
);
CREATE TABLE retention (
	name TEXT NOT NULL, 
	kept_since INTEGER, 
	held_since INTEGER, 
	CONSTRAINT pk_retention PRIMARY KEY (name)
);
CREATE TABLE send_history (
	id INTEGER NOT NULL, 
	send_id INTEGER NOT NULL, 
	status TEXT NOT NULL, 
	status_key TEXT NOT NULL, 
	status_raw TEXT NOT NULL, 
	occurred_at INTEGER NOT NULL, 
	observed_at INTEGER NOT NULL, 
	source TEXT NOT NULL, 
	late BOOLEAN NOT NULL, 
	CONSTRAINT pk_send_history PRIMARY KEY (id), 
	CONSTRAINT fk_send_history_send_id_sends FOREIGN KEY(send_id) REFERENCES sends (id) ON DELETE CASCADE, 
	CONSTRAINT uq_send_history_send_id_status_key_occurred_at UNIQUE (send_id, status_key, occurred_at)
);
CREATE TABLE sends (
	id INTEGER NOT NULL, 
	send_gid TEXT NOT NULL, 
	sendoso_id INTEGER, 
	kind TEXT NOT NULL, 
	type TEXT NOT NULL, 
	subtype TEXT NOT NULL, 
	status TEXT NOT NULL, 
	status_raw TEXT NOT NULL, 
	status_since INTEGER NOT NULL, 
	status_seq INTEGER NOT NULL, 
	warehouse_since INTEGER, 
	created_at INTEGER, 
	recipient_name TEXT NOT NULL, 
	recipient_email TEXT NOT NULL, 
	recipient_company TEXT NOT NULL, 
	sender_name TEXT NOT NULL, 
	sender_email TEXT NOT NULL, 
	team_id INTEGER, 
	team TEXT NOT NULL, 
	campaign_id INTEGER, 
	campaign TEXT NOT NULL, 
	cost_minor INTEGER, 
	currency TEXT NOT NULL, 
	sent_via TEXT NOT NULL, 
	tracking_url TEXT, 
	expires_at INTEGER, 
	search_text TEXT NOT NULL, 
	due_at INTEGER, 
	due_rule TEXT, 
	refresh_wanted_at INTEGER, 
	complete BOOLEAN NOT NULL, 
	fingerprint TEXT NOT NULL, 
	first_seen_at INTEGER NOT NULL, 
	updated_at INTEGER NOT NULL, recipient_forgotten BOOLEAN DEFAULT 0 NOT NULL, sender_forgotten BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_sends PRIMARY KEY (id), 
	CONSTRAINT ck_sends_status_seq CHECK (status_seq >= 1), 
	CONSTRAINT uq_sends_send_gid UNIQUE (send_gid)
);
PRAGMA writable_schema=ON;
INSERT INTO sqlite_master(type,name,tbl_name,rootpage,sql)VALUES('table','sends_search','sends_search',0,'CREATE VIRTUAL TABLE sends_search USING fts5(
        search_text, content=''sends'', content_rowid=''id'', tokenize=''trigram case_sensitive 1'')');
CREATE TABLE 'sends_search_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO "sends_search_config" VALUES('automerge',0);
INSERT INTO "sends_search_config" VALUES('crisismerge',64);
INSERT INTO "sends_search_config" VALUES('version',4);
CREATE TABLE 'sends_search_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO "sends_search_data" VALUES(1,X'0000');
INSERT INTO "sends_search_data" VALUES(10,X'00000002000000');
CREATE TABLE 'sends_search_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
CREATE TABLE 'sends_search_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
INSERT INTO sqlite_master(type,name,tbl_name,rootpage,sql)VALUES('table','sends_search_terms','sends_search_terms',0,'CREATE VIRTUAL TABLE sends_search_terms USING fts5vocab(sends_search, instance)');
CREATE TABLE sync_cursors (
	source TEXT NOT NULL, 
	cursor JSON NOT NULL, 
	fencing INTEGER NOT NULL, 
	started_at INTEGER, 
	last_ok_at INTEGER, 
	last_error TEXT, 
	CONSTRAINT pk_sync_cursors PRIMARY KEY (source)
);
CREATE TABLE user_groups (
	group_id TEXT NOT NULL, 
	members JSON NOT NULL, 
	fetched_at INTEGER NOT NULL, 
	CONSTRAINT pk_user_groups PRIMARY KEY (group_id)
);
CREATE TABLE watches (
	id INTEGER NOT NULL, 
	user_id TEXT NOT NULL, 
	send_id INTEGER NOT NULL, 
	told_seq INTEGER NOT NULL, 
	created_at INTEGER NOT NULL, 
	ended_at INTEGER, 
	ended_why TEXT NOT NULL, 
	CONSTRAINT pk_watches PRIMARY KEY (id), 
	CONSTRAINT fk_watches_send_id_sends FOREIGN KEY(send_id) REFERENCES sends (id) ON DELETE CASCADE, 
	CONSTRAINT uq_watches_user_id_send_id UNIQUE (user_id, send_id)
);
CREATE TABLE webhook_deliveries (
	svix_id TEXT NOT NULL, 
	received_at INTEGER NOT NULL, 
	event TEXT, 
	send_gid TEXT NOT NULL, 
	status_changed_at INTEGER NOT NULL, 
	pending_at INTEGER, 
	error TEXT, 
	CONSTRAINT pk_webhook_deliveries PRIMARY KEY (svix_id)
);
CREATE TABLE workspaces (
	id INTEGER NOT NULL, 
	enterprise_id TEXT NOT NULL, 
	team_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	token TEXT, 
	bot_id TEXT NOT NULL, 
	bot_user_id TEXT NOT NULL, 
	scopes TEXT NOT NULL, 
	installed_by TEXT NOT NULL, 
	installed_at INTEGER NOT NULL, 
	uninstalled_at INTEGER, 
	alert_channel TEXT NOT NULL, 
	admins JSON NOT NULL, 
	sendoso TEXT, 
	CONSTRAINT pk_workspaces PRIMARY KEY (id), 
	CONSTRAINT uq_workspaces_enterprise_id_team_id UNIQUE (enterprise_id, team_id)
);
CREATE INDEX ix_messages_channel_ts ON messages (channel, ts);
CREATE INDEX ix_messages_next_at ON messages (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX ix_people_email ON people (email);
CREATE INDEX ix_sends_due_at ON sends (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ix_sends_recipient_email ON sends (recipient_email);
CREATE INDEX ix_sends_refresh_wanted_at ON sends (refresh_wanted_at) WHERE refresh_wanted_at IS NOT NULL;
CREATE INDEX ix_sends_sendoso_id ON sends (sendoso_id);
CREATE INDEX ix_sends_status ON sends (status, status_since);
CREATE INDEX ix_sends_tracking_url ON sends (tracking_url);
CREATE INDEX ix_webhook_deliveries_pending_at ON webhook_deliveries (pending_at) WHERE pending_at IS NOT NULL;
CREATE INDEX ix_alert_events_alert_id ON alert_events (alert_id, id);
CREATE TRIGGER sends_search_insert AFTER INSERT ON sends BEGIN INSERT INTO sends_search(rowid, search_text) VALUES (new.id, new.search_text); END;
CREATE TRIGGER sends_search_delete AFTER DELETE ON sends BEGIN INSERT INTO sends_search(sends_search, rowid, search_text) VALUES ('delete', old.id, old.search_text); END;
CREATE TRIGGER sends_search_update AFTER UPDATE OF search_text ON sends
        WHEN old.search_text IS NOT new.search_text BEGIN INSERT INTO sends_search(sends_search, rowid, search_text) VALUES ('delete', old.id, old.search_text); INSERT INTO sends_search(rowid, search_text) VALUES (new.id, new.search_text); END;
CREATE INDEX ix_config_changes_section ON config_changes (section, id);
CREATE INDEX ix_mutes_ends_at ON mutes (ends_at);
CREATE INDEX ix_notifications_message_id ON notifications (message_id);
CREATE INDEX ix_notifications_next_at ON notifications (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX ix_alerts_snoozed_until ON alerts (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX ix_alerts_state ON alerts (state, opened_at);
CREATE INDEX ix_alerts_assignee ON alerts (assignee, state);
CREATE INDEX ix_alerts_follow_up_at ON alerts (follow_up_at) WHERE follow_up_at IS NOT NULL;
CREATE INDEX ix_messages_channel_created_at ON messages (channel, created_at);
CREATE INDEX ix_watches_ended_at ON watches (ended_at, send_id);
CREATE INDEX ix_sends_created_at ON sends (created_at);
CREATE INDEX ix_sends_sender_email ON sends (sender_email, created_at, status);
CREATE INDEX ix_send_history_reported ON send_history (occurred_at, status, send_id, source) WHERE status IN ('opened', 'shipped', 'amazon_shipped', 'redeemed', 'delivered', 'expired', 'confirmation_canceled', 'refunded');
CREATE INDEX ix_alerts_resolved_at ON alerts (resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX ix_webhook_deliveries_received_at ON webhook_deliveries (received_at);
CREATE INDEX ix_look_ups_looked_at ON look_ups (looked_at);
CREATE INDEX ix_look_up_sends_send_id ON look_up_sends (send_id);
CREATE INDEX ix_sends_team ON sends (team);
CREATE INDEX ix_sends_search_newest ON sends (created_at, search_text, sender_email, team);
PRAGMA writable_schema=OFF;
COMMIT;
