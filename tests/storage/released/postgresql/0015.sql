CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.alert_events (
    id bigint NOT NULL,
    alert_id bigint,
    action text NOT NULL,
    actor text NOT NULL,
    actor_name text NOT NULL,
    team_id text NOT NULL,
    channel text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    before json NOT NULL,
    after json NOT NULL,
    detail json NOT NULL,
    dedupe_key text NOT NULL
);
CREATE SEQUENCE public.alert_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.alert_events_id_seq OWNED BY public.alert_events.id;
CREATE TABLE public.alerts (
    id bigint NOT NULL,
    key text NOT NULL,
    send_id bigint,
    rule text NOT NULL,
    level text NOT NULL,
    status text NOT NULL,
    status_raw text NOT NULL,
    status_since timestamp with time zone,
    status_seq integer NOT NULL,
    due_at timestamp with time zone NOT NULL,
    threshold json NOT NULL,
    why text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    version integer NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    assignee text,
    acknowledged_by text,
    acknowledged_at timestamp with time zone,
    snoozed_until timestamp with time zone,
    snoozed_by text,
    support_by text,
    support_at timestamp with time zone,
    resolved_by text,
    resolved_at timestamp with time zone,
    resolved_reason text,
    follow_up_at timestamp with time zone,
    CONSTRAINT ck_alerts_state CHECK ((state = ANY (ARRAY['firing'::text, 'acknowledged'::text, 'snoozed'::text, 'resolved'::text])))
);
CREATE SEQUENCE public.alerts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.alerts_id_seq OWNED BY public.alerts.id;
CREATE TABLE public.channel_pace (
    channel text NOT NULL,
    not_before timestamp with time zone NOT NULL,
    broken_code text,
    broken_since timestamp with time zone
);
CREATE TABLE public.config_changes (
    id bigint NOT NULL,
    section text NOT NULL,
    before json NOT NULL,
    after json NOT NULL,
    version integer NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    changed_by text NOT NULL
);
CREATE SEQUENCE public.config_changes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.config_changes_id_seq OWNED BY public.config_changes.id;
CREATE TABLE public.config_sections (
    section text NOT NULL,
    body json NOT NULL,
    version integer NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    changed_by text NOT NULL
);
CREATE TABLE public.forgotten (
    mark text NOT NULL,
    forgotten_at timestamp with time zone NOT NULL
);
CREATE TABLE public.homes (
    user_id text NOT NULL,
    team_id text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    asked json NOT NULL,
    shown text NOT NULL,
    drawn_at timestamp with time zone,
    lease_until timestamp with time zone
);
CREATE TABLE public.install_states (
    mark text NOT NULL,
    ends_at timestamp with time zone NOT NULL
);
CREATE TABLE public.job_runs (
    name text NOT NULL,
    last_started_at timestamp with time zone,
    last_ok_at timestamp with time zone,
    last_error text,
    runs integer NOT NULL
);
CREATE TABLE public.leases (
    name text NOT NULL,
    holder text NOT NULL,
    until timestamp with time zone NOT NULL,
    token integer NOT NULL
);
CREATE TABLE public.look_up_sends (
    id bigint NOT NULL,
    look_up_id bigint NOT NULL,
    send_id bigint NOT NULL
);
CREATE SEQUENCE public.look_up_sends_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.look_up_sends_id_seq OWNED BY public.look_up_sends.id;
CREATE TABLE public.look_ups (
    id bigint NOT NULL,
    key text NOT NULL,
    user_id text NOT NULL,
    looked_at timestamp with time zone NOT NULL,
    surface text NOT NULL,
    name text NOT NULL,
    number integer NOT NULL
);
CREATE SEQUENCE public.look_ups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.look_ups_id_seq OWNED BY public.look_ups.id;
CREATE TABLE public.messages (
    id bigint NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    channel text NOT NULL,
    thread_of text,
    ts text,
    posted_channel text,
    body json NOT NULL,
    wanted_rev integer NOT NULL,
    posted_rev integer NOT NULL,
    next_at timestamp with time zone,
    priority integer NOT NULL,
    phase text NOT NULL,
    attempt text,
    attempts integer NOT NULL,
    lease_until timestamp with time zone,
    first_attempt_at timestamp with time zone,
    last_error text,
    created_at timestamp with time zone NOT NULL,
    posted_at timestamp with time zone,
    CONSTRAINT ck_messages_phase CHECK ((phase = ANY (ARRAY['idle'::text, 'posting'::text, 'updating'::text, 'unclear'::text])))
);
CREATE SEQUENCE public.messages_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.messages_id_seq OWNED BY public.messages.id;
CREATE TABLE public.mutes (
    id bigint NOT NULL,
    scope text NOT NULL,
    value text NOT NULL,
    label text NOT NULL,
    reason text NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_by text,
    replaces bigint,
    told_end_at timestamp with time zone,
    CONSTRAINT ck_mutes_scope CHECK ((scope = ANY (ARRAY['campaign'::text, 'team'::text, 'sender'::text, 'rule'::text, 'status'::text, 'send'::text])))
);
CREATE SEQUENCE public.mutes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.mutes_id_seq OWNED BY public.mutes.id;
CREATE TABLE public.notifications (
    id bigint NOT NULL,
    alert_id bigint NOT NULL,
    channel text NOT NULL,
    route text NOT NULL,
    policy json NOT NULL,
    reason text NOT NULL,
    held text NOT NULL,
    message_id bigint,
    next_at timestamp with time zone,
    told_at timestamp with time zone,
    last_told_at timestamp with time zone,
    repeats integer NOT NULL,
    escalations integer NOT NULL
);
CREATE SEQUENCE public.notifications_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.notifications_id_seq OWNED BY public.notifications.id;
CREATE TABLE public.oauth_tokens (
    provider text NOT NULL,
    secret text NOT NULL,
    expires_at timestamp with time zone,
    version integer NOT NULL,
    updated_at timestamp with time zone NOT NULL
);
CREATE TABLE public.people (
    user_id text NOT NULL,
    team_id text NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    tz text NOT NULL,
    fetched_at timestamp with time zone NOT NULL,
    locale text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.privacy_keys (
    name text NOT NULL,
    secret text NOT NULL
);
CREATE TABLE public.retention (
    name text NOT NULL,
    kept_since timestamp with time zone,
    held_since timestamp with time zone
);
CREATE TABLE public.send_history (
    id bigint NOT NULL,
    send_id bigint NOT NULL,
    status text NOT NULL,
    status_key text NOT NULL,
    status_raw text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    observed_at timestamp with time zone NOT NULL,
    source text NOT NULL,
    late boolean NOT NULL
);
CREATE SEQUENCE public.send_history_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.send_history_id_seq OWNED BY public.send_history.id;
CREATE TABLE public.sends (
    id bigint NOT NULL,
    send_gid text NOT NULL,
    sendoso_id bigint,
    kind text NOT NULL,
    type text NOT NULL,
    subtype text NOT NULL,
    status text NOT NULL,
    status_raw text NOT NULL,
    status_since timestamp with time zone NOT NULL,
    status_seq integer NOT NULL,
    warehouse_since timestamp with time zone,
    created_at timestamp with time zone,
    recipient_name text NOT NULL,
    recipient_email text NOT NULL,
    recipient_company text NOT NULL,
    sender_name text NOT NULL,
    sender_email text NOT NULL,
    team_id bigint,
    team text NOT NULL,
    campaign_id bigint,
    campaign text NOT NULL,
    cost_minor bigint,
    currency text NOT NULL,
    sent_via text NOT NULL,
    tracking_url text,
    expires_at timestamp with time zone,
    search_text text NOT NULL,
    due_at timestamp with time zone,
    due_rule text,
    refresh_wanted_at timestamp with time zone,
    complete boolean NOT NULL,
    fingerprint text NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    recipient_forgotten boolean DEFAULT false NOT NULL,
    sender_forgotten boolean DEFAULT false NOT NULL,
    CONSTRAINT ck_sends_status_seq CHECK ((status_seq >= 1))
);
CREATE SEQUENCE public.sends_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.sends_id_seq OWNED BY public.sends.id;
CREATE TABLE public.sync_cursors (
    source text NOT NULL,
    cursor json NOT NULL,
    fencing integer NOT NULL,
    started_at timestamp with time zone,
    last_ok_at timestamp with time zone,
    last_error text
);
CREATE TABLE public.user_groups (
    group_id text NOT NULL,
    members json NOT NULL,
    fetched_at timestamp with time zone NOT NULL
);
CREATE TABLE public.watches (
    id bigint NOT NULL,
    user_id text NOT NULL,
    send_id bigint NOT NULL,
    told_seq integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_why text NOT NULL
);
CREATE SEQUENCE public.watches_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.watches_id_seq OWNED BY public.watches.id;
CREATE TABLE public.webhook_deliveries (
    svix_id text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    event text,
    send_gid text NOT NULL,
    status_changed_at timestamp with time zone NOT NULL,
    pending_at timestamp with time zone,
    error text
);
CREATE TABLE public.workspaces (
    id bigint NOT NULL,
    enterprise_id text NOT NULL,
    team_id text NOT NULL,
    name text NOT NULL,
    token text,
    bot_id text NOT NULL,
    bot_user_id text NOT NULL,
    scopes text NOT NULL,
    installed_by text NOT NULL,
    installed_at timestamp with time zone NOT NULL,
    uninstalled_at timestamp with time zone,
    alert_channel text NOT NULL,
    admins json NOT NULL,
    sendoso text
);
CREATE SEQUENCE public.workspaces_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.workspaces_id_seq OWNED BY public.workspaces.id;
ALTER TABLE ONLY public.alert_events ALTER COLUMN id SET DEFAULT nextval('public.alert_events_id_seq'::regclass);
ALTER TABLE ONLY public.alerts ALTER COLUMN id SET DEFAULT nextval('public.alerts_id_seq'::regclass);
ALTER TABLE ONLY public.config_changes ALTER COLUMN id SET DEFAULT nextval('public.config_changes_id_seq'::regclass);
ALTER TABLE ONLY public.look_up_sends ALTER COLUMN id SET DEFAULT nextval('public.look_up_sends_id_seq'::regclass);
ALTER TABLE ONLY public.look_ups ALTER COLUMN id SET DEFAULT nextval('public.look_ups_id_seq'::regclass);
ALTER TABLE ONLY public.messages ALTER COLUMN id SET DEFAULT nextval('public.messages_id_seq'::regclass);
ALTER TABLE ONLY public.mutes ALTER COLUMN id SET DEFAULT nextval('public.mutes_id_seq'::regclass);
ALTER TABLE ONLY public.notifications ALTER COLUMN id SET DEFAULT nextval('public.notifications_id_seq'::regclass);
ALTER TABLE ONLY public.send_history ALTER COLUMN id SET DEFAULT nextval('public.send_history_id_seq'::regclass);
ALTER TABLE ONLY public.sends ALTER COLUMN id SET DEFAULT nextval('public.sends_id_seq'::regclass);
ALTER TABLE ONLY public.watches ALTER COLUMN id SET DEFAULT nextval('public.watches_id_seq'::regclass);
ALTER TABLE ONLY public.workspaces ALTER COLUMN id SET DEFAULT nextval('public.workspaces_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0015');
INSERT INTO public.alert_events VALUES (1, 1, 'opened', 'scan', '', '', '', '2026-11-23 15:00:00+00', '{}', '{}', '{}', 'e1');
INSERT INTO public.alert_events VALUES (2, 2, 'opened', 'scan', '', '', '', '2026-11-23 15:00:00+00', '{}', '{}', '{}', 'e2');
INSERT INTO public.alert_events VALUES (3, 3, 'opened', 'scan', '', '', '', '2026-11-23 15:00:00+00', '{}', '{}', '{}', 'e3');
INSERT INTO public.alert_events VALUES (4, 4, 'opened', 'scan', '', '', '', '2026-11-23 15:00:00+00', '{}', '{}', '{}', 'e4');
INSERT INTO public.alert_events VALUES (5, 5, 'opened', 'scan', '', '', '', '2026-11-23 15:00:00+00', '{}', '{}', '{}', 'e5');
INSERT INTO public.alerts VALUES (1, 'a1', NULL, 'overdue', 'late', 'shipped', 'x', NULL, 1, '2026-11-23 15:00:00+00', '{}', '', 'first', 'firing', 1, '2026-11-23 15:00:00+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.alerts VALUES (2, 'a2', NULL, 'overdue', 'late', 'shipped', 'x', NULL, 1, '2026-11-23 15:00:00+00', '{}', '', 'first', 'acknowledged', 1, '2026-11-23 15:00:00+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.alerts VALUES (3, 'a3', NULL, 'overdue', 'late', 'shipped', 'x', NULL, 1, '2026-11-23 15:00:00+00', '{}', '', 'first', 'firing', 1, '2026-11-23 15:00:00+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.alerts VALUES (4, 'a4', NULL, 'overdue', 'late', 'shipped', 'x', NULL, 1, '2026-11-23 15:00:00+00', '{}', '', 'first', 'resolved', 1, '2026-11-23 15:00:00+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.alerts VALUES (5, 'a5', NULL, 'overdue', 'late', 'shipped', 'x', NULL, 1, '2026-11-23 15:00:00+00', '{}', '', 'first', 'firing', 1, '2026-11-23 15:00:00+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.messages VALUES (1, 'm1', 'group', 'C1', NULL, '1.0', NULL, '{}', 1, 1, NULL, 0, 'idle', NULL, 0, NULL, NULL, NULL, '2026-11-23 15:00:00+00', NULL);
INSERT INTO public.messages VALUES (2, 'm2', 'notice', 'U1', NULL, '2.0', NULL, '{"alert": 5, "copies": [3]}', 1, 1, NULL, 0, 'idle', NULL, 0, NULL, NULL, NULL, '2026-11-23 15:00:00+00', NULL);
INSERT INTO public.messages VALUES (3, 'm3', 'notice', 'U2', NULL, '3.0', NULL, '{"alert": 5}', 1, 1, NULL, 0, 'idle', NULL, 0, NULL, NULL, NULL, '2026-11-23 15:00:00+00', NULL);
INSERT INTO public.messages VALUES (4, 'm4', 'notice', 'C1', 'm1', '4.0', NULL, '{"alert": 1}', 1, 1, NULL, 0, 'idle', NULL, 0, NULL, NULL, NULL, '2026-11-23 15:00:00+00', NULL);
INSERT INTO public.notifications VALUES (1, 1, 'C1', '', '{}', '', '', 1, NULL, '2026-11-23 15:00:00+00', '2026-11-23 15:00:00+00', 0, 0);
INSERT INTO public.notifications VALUES (2, 2, 'C1', '', '{}', '', '', 1, NULL, '2026-11-23 15:00:00+00', '2026-11-23 15:00:00+00', 0, 0);
INSERT INTO public.notifications VALUES (3, 5, 'U1', '', '{}', '', '', 2, NULL, '2026-11-23 15:00:00+00', '2026-11-23 15:00:00+00', 0, 0);
INSERT INTO public.notifications VALUES (4, 3, '', '', '{}', '', '', NULL, '2026-11-23 15:00:00+00', NULL, NULL, 0, 0);
INSERT INTO public.notifications VALUES (5, 5, 'U2', '', '{}', '', '', 3, NULL, '2026-11-23 15:00:00+00', '2026-11-23 15:00:00+00', 0, 0);
SELECT pg_catalog.setval('public.alert_events_id_seq', 5, true);
SELECT pg_catalog.setval('public.alerts_id_seq', 1, false);
SELECT pg_catalog.setval('public.config_changes_id_seq', 1, false);
SELECT pg_catalog.setval('public.look_up_sends_id_seq', 1, false);
SELECT pg_catalog.setval('public.look_ups_id_seq', 1, false);
SELECT pg_catalog.setval('public.messages_id_seq', 1, false);
SELECT pg_catalog.setval('public.mutes_id_seq', 1, false);
SELECT pg_catalog.setval('public.notifications_id_seq', 5, true);
SELECT pg_catalog.setval('public.send_history_id_seq', 1, false);
SELECT pg_catalog.setval('public.sends_id_seq', 1, false);
SELECT pg_catalog.setval('public.watches_id_seq', 1, false);
SELECT pg_catalog.setval('public.workspaces_id_seq', 1, false);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.alert_events
    ADD CONSTRAINT pk_alert_events PRIMARY KEY (id);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT pk_alerts PRIMARY KEY (id);
ALTER TABLE ONLY public.channel_pace
    ADD CONSTRAINT pk_channel_pace PRIMARY KEY (channel);
ALTER TABLE ONLY public.config_changes
    ADD CONSTRAINT pk_config_changes PRIMARY KEY (id);
ALTER TABLE ONLY public.config_sections
    ADD CONSTRAINT pk_config_sections PRIMARY KEY (section);
ALTER TABLE ONLY public.forgotten
    ADD CONSTRAINT pk_forgotten PRIMARY KEY (mark);
ALTER TABLE ONLY public.homes
    ADD CONSTRAINT pk_homes PRIMARY KEY (user_id);
ALTER TABLE ONLY public.install_states
    ADD CONSTRAINT pk_install_states PRIMARY KEY (mark);
ALTER TABLE ONLY public.job_runs
    ADD CONSTRAINT pk_job_runs PRIMARY KEY (name);
ALTER TABLE ONLY public.leases
    ADD CONSTRAINT pk_leases PRIMARY KEY (name);
ALTER TABLE ONLY public.look_up_sends
    ADD CONSTRAINT pk_look_up_sends PRIMARY KEY (id);
ALTER TABLE ONLY public.look_ups
    ADD CONSTRAINT pk_look_ups PRIMARY KEY (id);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT pk_messages PRIMARY KEY (id);
ALTER TABLE ONLY public.mutes
    ADD CONSTRAINT pk_mutes PRIMARY KEY (id);
ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT pk_notifications PRIMARY KEY (id);
ALTER TABLE ONLY public.oauth_tokens
    ADD CONSTRAINT pk_oauth_tokens PRIMARY KEY (provider);
ALTER TABLE ONLY public.people
    ADD CONSTRAINT pk_people PRIMARY KEY (user_id);
ALTER TABLE ONLY public.privacy_keys
    ADD CONSTRAINT pk_privacy_keys PRIMARY KEY (name);
ALTER TABLE ONLY public.retention
    ADD CONSTRAINT pk_retention PRIMARY KEY (name);
ALTER TABLE ONLY public.send_history
    ADD CONSTRAINT pk_send_history PRIMARY KEY (id);
ALTER TABLE ONLY public.sends
    ADD CONSTRAINT pk_sends PRIMARY KEY (id);
ALTER TABLE ONLY public.sync_cursors
    ADD CONSTRAINT pk_sync_cursors PRIMARY KEY (source);
ALTER TABLE ONLY public.user_groups
    ADD CONSTRAINT pk_user_groups PRIMARY KEY (group_id);
ALTER TABLE ONLY public.watches
    ADD CONSTRAINT pk_watches PRIMARY KEY (id);
ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT pk_webhook_deliveries PRIMARY KEY (svix_id);
ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT pk_workspaces PRIMARY KEY (id);
ALTER TABLE ONLY public.alert_events
    ADD CONSTRAINT uq_alert_events_dedupe_key UNIQUE (dedupe_key);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT uq_alerts_key UNIQUE (key);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT uq_alerts_send_id_rule_status_seq_level UNIQUE (send_id, rule, status_seq, level);
ALTER TABLE ONLY public.look_up_sends
    ADD CONSTRAINT uq_look_up_sends_look_up_id_send_id UNIQUE (look_up_id, send_id);
ALTER TABLE ONLY public.look_ups
    ADD CONSTRAINT uq_look_ups_key UNIQUE (key);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT uq_messages_key UNIQUE (key);
ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT uq_notifications_alert_id_channel UNIQUE (alert_id, channel);
ALTER TABLE ONLY public.send_history
    ADD CONSTRAINT uq_send_history_send_id_status_key_occurred_at UNIQUE (send_id, status_key, occurred_at);
ALTER TABLE ONLY public.sends
    ADD CONSTRAINT uq_sends_send_gid UNIQUE (send_gid);
ALTER TABLE ONLY public.watches
    ADD CONSTRAINT uq_watches_user_id_send_id UNIQUE (user_id, send_id);
ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT uq_workspaces_enterprise_id_team_id UNIQUE (enterprise_id, team_id);
CREATE INDEX ix_alert_events_alert_id ON public.alert_events USING btree (alert_id, id);
CREATE INDEX ix_alerts_assignee ON public.alerts USING btree (assignee, state);
CREATE INDEX ix_alerts_follow_up_at ON public.alerts USING btree (follow_up_at) WHERE (follow_up_at IS NOT NULL);
CREATE INDEX ix_alerts_resolved_at ON public.alerts USING btree (resolved_at) WHERE (resolved_at IS NOT NULL);
CREATE INDEX ix_alerts_snoozed_until ON public.alerts USING btree (snoozed_until) WHERE (snoozed_until IS NOT NULL);
CREATE INDEX ix_alerts_state ON public.alerts USING btree (state, opened_at);
CREATE INDEX ix_config_changes_section ON public.config_changes USING btree (section, id);
CREATE INDEX ix_look_up_sends_send_id ON public.look_up_sends USING btree (send_id);
CREATE INDEX ix_look_ups_looked_at ON public.look_ups USING btree (looked_at);
CREATE INDEX ix_messages_channel_created_at ON public.messages USING btree (channel, created_at);
CREATE INDEX ix_messages_channel_ts ON public.messages USING btree (channel, ts);
CREATE INDEX ix_messages_next_at ON public.messages USING btree (next_at) WHERE (next_at IS NOT NULL);
CREATE INDEX ix_mutes_ends_at ON public.mutes USING btree (ends_at);
CREATE INDEX ix_notifications_message_id ON public.notifications USING btree (message_id);
CREATE INDEX ix_notifications_next_at ON public.notifications USING btree (next_at) WHERE (next_at IS NOT NULL);
CREATE INDEX ix_people_email ON public.people USING btree (email);
CREATE INDEX ix_send_history_reported ON public.send_history USING btree (occurred_at, status, send_id, source) WHERE (status = ANY (ARRAY['opened'::text, 'shipped'::text, 'amazon_shipped'::text, 'redeemed'::text, 'delivered'::text, 'expired'::text, 'confirmation_canceled'::text, 'refunded'::text]));
CREATE INDEX ix_sends_created_at ON public.sends USING btree (created_at);
CREATE INDEX ix_sends_due_at ON public.sends USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX ix_sends_recipient_email ON public.sends USING btree (recipient_email);
CREATE INDEX ix_sends_refresh_wanted_at ON public.sends USING btree (refresh_wanted_at) WHERE (refresh_wanted_at IS NOT NULL);
CREATE INDEX ix_sends_search_newest ON public.sends USING btree (created_at DESC NULLS LAST);
CREATE INDEX ix_sends_search_text ON public.sends USING gin (search_text public.gin_trgm_ops) WITH (gin_pending_list_limit='512');
CREATE INDEX ix_sends_sender_email ON public.sends USING btree (sender_email, created_at, status);
CREATE INDEX ix_sends_sendoso_id ON public.sends USING btree (sendoso_id);
CREATE INDEX ix_sends_status ON public.sends USING btree (status, status_since);
CREATE INDEX ix_sends_team ON public.sends USING btree (team);
CREATE INDEX ix_sends_tracking_url ON public.sends USING btree (tracking_url);
CREATE INDEX ix_watches_ended_at ON public.watches USING btree (ended_at, send_id);
CREATE INDEX ix_webhook_deliveries_pending_at ON public.webhook_deliveries USING btree (pending_at) WHERE (pending_at IS NOT NULL);
CREATE INDEX ix_webhook_deliveries_received_at ON public.webhook_deliveries USING btree (received_at);
ALTER TABLE ONLY public.alert_events
    ADD CONSTRAINT fk_alert_events_alert_id_alerts FOREIGN KEY (alert_id) REFERENCES public.alerts(id);
ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT fk_alerts_send_id_sends FOREIGN KEY (send_id) REFERENCES public.sends(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.look_up_sends
    ADD CONSTRAINT fk_look_up_sends_look_up_id_look_ups FOREIGN KEY (look_up_id) REFERENCES public.look_ups(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.look_up_sends
    ADD CONSTRAINT fk_look_up_sends_send_id_sends FOREIGN KEY (send_id) REFERENCES public.sends(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.mutes
    ADD CONSTRAINT fk_mutes_replaces_mutes FOREIGN KEY (replaces) REFERENCES public.mutes(id);
ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT fk_notifications_alert_id_alerts FOREIGN KEY (alert_id) REFERENCES public.alerts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT fk_notifications_message_id_messages FOREIGN KEY (message_id) REFERENCES public.messages(id);
ALTER TABLE ONLY public.send_history
    ADD CONSTRAINT fk_send_history_send_id_sends FOREIGN KEY (send_id) REFERENCES public.sends(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.watches
    ADD CONSTRAINT fk_watches_send_id_sends FOREIGN KEY (send_id) REFERENCES public.sends(id) ON DELETE CASCADE;
