"""The first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.models.base
from storage import search_index


revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('channel_pace',
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('not_before', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('broken_code', sa.Text(), nullable=True),
    sa.Column('broken_since', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('channel', name=op.f('pk_channel_pace'))
    )
    op.create_table('job_runs',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('last_started_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('last_ok_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('runs', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_job_runs'))
    )
    op.create_table('leases',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('holder', sa.Text(), nullable=False),
    sa.Column('until', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('token', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_leases'))
    )
    op.create_table('messages',
    sa.Column('id', storage.models.base.BigInt, autoincrement=True, nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('thread_of', sa.Text(), nullable=True),
    sa.Column('ts', sa.Text(), nullable=True),
    sa.Column('posted_channel', sa.Text(), nullable=True),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('wanted_rev', sa.Integer(), nullable=False),
    sa.Column('posted_rev', sa.Integer(), nullable=False),
    sa.Column('next_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('phase', sa.Text(), nullable=False),
    sa.Column('attempt', sa.Text(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease_until', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('first_attempt_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('created_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('posted_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.CheckConstraint("phase IN ('idle', 'posting', 'updating', 'unclear')", name=op.f('ck_messages_phase')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages')),
    sa.UniqueConstraint('key', name=op.f('uq_messages_key'))
    )
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.create_index('ix_messages_channel_ts', ['channel', 'ts'], unique=False)
        batch_op.create_index('ix_messages_next_at', ['next_at'], unique=False, sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))

    op.create_table('oauth_tokens',
    sa.Column('provider', sa.Text(), nullable=False),
    sa.Column('secret', sa.Text(), nullable=False),
    sa.Column('expires_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('updated_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('provider', name=op.f('pk_oauth_tokens'))
    )
    op.create_table('people',
    sa.Column('user_id', sa.Text(), nullable=False),
    sa.Column('team_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('tz', sa.Text(), nullable=False),
    sa.Column('fetched_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_people'))
    )
    with op.batch_alter_table('people', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_people_email'), ['email'], unique=False)

    op.create_table('sends',
    sa.Column('id', storage.models.base.BigInt, autoincrement=True, nullable=False),
    sa.Column('send_gid', sa.Text(), nullable=False),
    sa.Column('sendoso_id', storage.models.base.BigInt, nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('subtype', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('status_raw', sa.Text(), nullable=False),
    sa.Column('status_since', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('status_seq', sa.Integer(), nullable=False),
    sa.Column('warehouse_since', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('created_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('recipient_name', sa.Text(), nullable=False),
    sa.Column('recipient_email', sa.Text(), nullable=False),
    sa.Column('recipient_company', sa.Text(), nullable=False),
    sa.Column('sender_name', sa.Text(), nullable=False),
    sa.Column('sender_email', sa.Text(), nullable=False),
    sa.Column('team_id', storage.models.base.BigInt, nullable=True),
    sa.Column('team', sa.Text(), nullable=False),
    sa.Column('campaign_id', storage.models.base.BigInt, nullable=True),
    sa.Column('campaign', sa.Text(), nullable=False),
    sa.Column('cost_minor', storage.models.base.BigInt, nullable=True),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('sent_via', sa.Text(), nullable=False),
    sa.Column('tracking_url', sa.Text(), nullable=True),
    sa.Column('expires_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('search_text', sa.Text(), nullable=False),
    sa.Column('due_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('due_rule', sa.Text(), nullable=True),
    sa.Column('refresh_wanted_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('complete', sa.Boolean(), nullable=False),
    sa.Column('fingerprint', sa.Text(), nullable=False),
    sa.Column('first_seen_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('updated_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.CheckConstraint('status_seq >= 1', name=op.f('ck_sends_status_seq')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sends')),
    sa.UniqueConstraint('send_gid', name=op.f('uq_sends_send_gid'))
    )
    with op.batch_alter_table('sends', schema=None) as batch_op:
        batch_op.create_index('ix_sends_due_at', ['due_at'], unique=False, sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))
        batch_op.create_index('ix_sends_recipient_email', ['recipient_email'], unique=False)
        batch_op.create_index('ix_sends_refresh_wanted_at', ['refresh_wanted_at'], unique=False, sqlite_where=sa.text('refresh_wanted_at IS NOT NULL'), postgresql_where=sa.text('refresh_wanted_at IS NOT NULL'))
        batch_op.create_index('ix_sends_sender_email', ['sender_email', 'created_at'], unique=False)
        batch_op.create_index('ix_sends_sendoso_id', ['sendoso_id'], unique=False)
        batch_op.create_index('ix_sends_status', ['status', 'status_since'], unique=False)
        batch_op.create_index('ix_sends_tracking_url', ['tracking_url'], unique=False)

    op.create_table('sync_cursors',
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('cursor', sa.JSON(), nullable=False),
    sa.Column('fencing', sa.Integer(), nullable=False),
    sa.Column('started_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('last_ok_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('source', name=op.f('pk_sync_cursors'))
    )
    op.create_table('webhook_deliveries',
    sa.Column('svix_id', sa.Text(), nullable=False),
    sa.Column('received_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('event', sa.Text(), nullable=True),
    sa.Column('send_gid', sa.Text(), nullable=False),
    sa.Column('status_changed_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('pending_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('svix_id', name=op.f('pk_webhook_deliveries'))
    )
    with op.batch_alter_table('webhook_deliveries', schema=None) as batch_op:
        batch_op.create_index('ix_webhook_deliveries_pending_at', ['pending_at'], unique=False, sqlite_where=sa.text('pending_at IS NOT NULL'), postgresql_where=sa.text('pending_at IS NOT NULL'))

    op.create_table('alerts',
    sa.Column('id', storage.models.base.BigInt, autoincrement=True, nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('send_id', storage.models.base.BigInt, nullable=True),
    sa.Column('rule', sa.Text(), nullable=False),
    sa.Column('level', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('status_raw', sa.Text(), nullable=False),
    sa.Column('status_since', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('status_seq', sa.Integer(), nullable=False),
    sa.Column('due_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('threshold', sa.JSON(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('opened_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('assignee', sa.Text(), nullable=True),
    sa.Column('acknowledged_by', sa.Text(), nullable=True),
    sa.Column('acknowledged_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('snoozed_until', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('snoozed_by', sa.Text(), nullable=True),
    sa.Column('support_by', sa.Text(), nullable=True),
    sa.Column('support_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('resolved_by', sa.Text(), nullable=True),
    sa.Column('resolved_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('resolved_reason', sa.Text(), nullable=True),
    sa.Column('message_id', storage.models.base.BigInt, nullable=True),
    sa.CheckConstraint("state IN ('firing', 'acknowledged', 'snoozed', 'resolved')", name=op.f('ck_alerts_state')),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_alerts_message_id_messages')),
    sa.ForeignKeyConstraint(['send_id'], ['sends.id'], name=op.f('fk_alerts_send_id_sends'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alerts')),
    sa.UniqueConstraint('key', name=op.f('uq_alerts_key')),
    sa.UniqueConstraint('send_id', 'rule', 'status_seq', 'level', name=op.f('uq_alerts_send_id_rule_status_seq_level'))
    )
    with op.batch_alter_table('alerts', schema=None) as batch_op:
        batch_op.create_index('ix_alerts_assignee', ['assignee', 'state'], unique=False)
        batch_op.create_index('ix_alerts_message_id', ['message_id'], unique=False)
        batch_op.create_index('ix_alerts_snoozed_until', ['snoozed_until'], unique=False, sqlite_where=sa.text('snoozed_until IS NOT NULL'), postgresql_where=sa.text('snoozed_until IS NOT NULL'))
        batch_op.create_index('ix_alerts_state', ['state', 'opened_at'], unique=False)

    op.create_table('send_history',
    sa.Column('id', storage.models.base.BigInt, autoincrement=True, nullable=False),
    sa.Column('send_id', storage.models.base.BigInt, nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('status_key', sa.Text(), nullable=False),
    sa.Column('status_raw', sa.Text(), nullable=False),
    sa.Column('occurred_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('observed_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('late', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['send_id'], ['sends.id'], name=op.f('fk_send_history_send_id_sends'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_send_history')),
    sa.UniqueConstraint('send_id', 'status_key', 'occurred_at', name=op.f('uq_send_history_send_id_status_key_occurred_at'))
    )
    op.create_table('alert_events',
    sa.Column('id', storage.models.base.BigInt, autoincrement=True, nullable=False),
    sa.Column('alert_id', storage.models.base.BigInt, nullable=True),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('actor_name', sa.Text(), nullable=False),
    sa.Column('team_id', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('occurred_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.Column('dedupe_key', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['alert_id'], ['alerts.id'], name=op.f('fk_alert_events_alert_id_alerts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_events')),
    sa.UniqueConstraint('dedupe_key', name=op.f('uq_alert_events_dedupe_key'))
    )
    with op.batch_alter_table('alert_events', schema=None) as batch_op:
        batch_op.create_index('ix_alert_events_alert_id', ['alert_id', 'id'], unique=False)
    search_index.create(op.get_bind())


def downgrade() -> None:
    search_index.drop(op.get_bind())
    with op.batch_alter_table('alert_events', schema=None) as batch_op:
        batch_op.drop_index('ix_alert_events_alert_id')

    op.drop_table('alert_events')
    op.drop_table('send_history')
    with op.batch_alter_table('alerts', schema=None) as batch_op:
        batch_op.drop_index('ix_alerts_state')
        batch_op.drop_index('ix_alerts_snoozed_until', sqlite_where=sa.text('snoozed_until IS NOT NULL'), postgresql_where=sa.text('snoozed_until IS NOT NULL'))
        batch_op.drop_index('ix_alerts_message_id')
        batch_op.drop_index('ix_alerts_assignee')

    op.drop_table('alerts')
    with op.batch_alter_table('webhook_deliveries', schema=None) as batch_op:
        batch_op.drop_index('ix_webhook_deliveries_pending_at', sqlite_where=sa.text('pending_at IS NOT NULL'), postgresql_where=sa.text('pending_at IS NOT NULL'))

    op.drop_table('webhook_deliveries')
    op.drop_table('sync_cursors')
    with op.batch_alter_table('sends', schema=None) as batch_op:
        batch_op.drop_index('ix_sends_tracking_url')
        batch_op.drop_index('ix_sends_status')
        batch_op.drop_index('ix_sends_sendoso_id')
        batch_op.drop_index('ix_sends_sender_email')
        batch_op.drop_index('ix_sends_refresh_wanted_at', sqlite_where=sa.text('refresh_wanted_at IS NOT NULL'), postgresql_where=sa.text('refresh_wanted_at IS NOT NULL'))
        batch_op.drop_index('ix_sends_recipient_email')
        batch_op.drop_index('ix_sends_due_at', sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))

    op.drop_table('sends')
    with op.batch_alter_table('people', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_people_email'))

    op.drop_table('people')
    op.drop_table('oauth_tokens')
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_index('ix_messages_next_at', sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))
        batch_op.drop_index('ix_messages_channel_ts')

    op.drop_table('messages')
    op.drop_table('leases')
    op.drop_table('job_runs')
    op.drop_table('channel_pace')
