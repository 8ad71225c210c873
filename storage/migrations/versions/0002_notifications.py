"""Notifications, mutes and configuration.

An alert can be told in several places, so which message shows it moves from the alert to its notifications.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.models.base
from storage.models.base import UtcTime

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    _config()
    _mutes()
    _notifications()
    _carry_over()
    with op.batch_alter_table('alerts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('follow_up_at', storage.models.base.UtcTime(timezone=True), nullable=True))
        batch_op.drop_index(batch_op.f('ix_alerts_message_id'))
        batch_op.create_index('ix_alerts_follow_up_at', ['follow_up_at'], unique=False, sqlite_where=sa.text('follow_up_at IS NOT NULL'), postgresql_where=sa.text('follow_up_at IS NOT NULL'))
        batch_op.drop_constraint(batch_op.f('fk_alerts_message_id_messages'), type_='foreignkey')
        batch_op.drop_column('message_id')
    op.create_index('ix_messages_channel_created_at', 'messages', ['channel', 'created_at'], unique=False)


def _config() -> None:
    op.create_table('config_changes',
    sa.Column('id', storage.models.base.BigInt, autoincrement=True, nullable=False),
    sa.Column('section', sa.Text(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('changed_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_config_changes'))
    )
    op.create_index('ix_config_changes_section', 'config_changes', ['section', 'id'], unique=False)
    op.create_table('config_sections',
    sa.Column('section', sa.Text(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('changed_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('section', name=op.f('pk_config_sections'))
    )
    op.create_table('user_groups',
    sa.Column('group_id', sa.Text(), nullable=False),
    sa.Column('members', sa.JSON(), nullable=False),
    sa.Column('fetched_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('group_id', name=op.f('pk_user_groups'))
    )


def _mutes() -> None:
    op.create_table('mutes',
    sa.Column('id', storage.models.base.BigInt, autoincrement=True, nullable=False),
    sa.Column('scope', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('created_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('ends_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('ended_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.Text(), nullable=True),
    sa.Column('replaces', storage.models.base.BigInt, nullable=True),
    sa.Column('told_end_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.CheckConstraint("scope IN ('campaign', 'team', 'sender', 'rule', 'status', 'send')", name=op.f('ck_mutes_scope')),
    sa.ForeignKeyConstraint(['replaces'], ['mutes.id'], name=op.f('fk_mutes_replaces_mutes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mutes'))
    )
    op.create_index('ix_mutes_ends_at', 'mutes', ['ends_at'], unique=False)


def _notifications() -> None:
    op.create_table('notifications',
    sa.Column('id', storage.models.base.BigInt, autoincrement=True, nullable=False),
    sa.Column('alert_id', storage.models.base.BigInt, nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('route', sa.Text(), nullable=False),
    sa.Column('policy', sa.JSON(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('held', sa.Text(), nullable=False),
    sa.Column('message_id', storage.models.base.BigInt, nullable=True),
    sa.Column('next_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('told_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('last_told_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('repeats', sa.Integer(), nullable=False),
    sa.Column('escalations', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['alert_id'], ['alerts.id'], name=op.f('fk_notifications_alert_id_alerts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_notifications_message_id_messages')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notifications')),
    sa.UniqueConstraint('alert_id', 'channel', name=op.f('uq_notifications_alert_id_channel'))
    )
    op.create_index('ix_notifications_message_id', 'notifications', ['message_id'], unique=False)
    op.create_index('ix_notifications_next_at', 'notifications', ['next_at'], unique=False, sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))


def _carry_over() -> None:
    """What has been told stays told; what has not is routed by the next scan."""
    alerts = sa.table(
        'alerts', sa.column('id'), sa.column('state'), sa.column('opened_at', UtcTime()), sa.column('message_id'),
    )
    messages = sa.table(
        'messages', sa.column('id'), sa.column('channel'), sa.column('kind'), sa.column('thread_of'),
        sa.column('body', sa.JSON()), sa.column('created_at', UtcTime()),
    )
    made = sa.table(
        'notifications', sa.column('alert_id'), sa.column('channel'), sa.column('route'),
        sa.column('policy', sa.JSON()), sa.column('reason'), sa.column('held'), sa.column('message_id'),
        sa.column('next_at', UtcTime()), sa.column('told_at', UtcTime()), sa.column('last_told_at', UtcTime()),
        sa.column('repeats'), sa.column('escalations'),
    )
    connection = op.get_bind()
    empty, none, policy = sa.literal(''), sa.null(), sa.literal({}, sa.JSON())
    columns = [column.name for column in made.c]
    told = sa.select(
        alerts.c.id, messages.c.channel, empty, policy, empty, empty, messages.c.id, none, messages.c.created_at,
        messages.c.created_at, sa.literal(0), sa.literal(0),
    ).join(messages, messages.c.id == alerts.c.message_id)
    connection.execute(sa.insert(made).from_select(columns, told, include_defaults=False))
    waiting = sa.select(
        alerts.c.id, empty, empty, policy, empty, empty, none, alerts.c.opened_at, none, none,
        sa.literal(0), sa.literal(0),
    ).where(alerts.c.message_id.is_(None), alerts.c.state != 'resolved')
    connection.execute(sa.insert(made).from_select(columns, waiting, include_defaults=False))
    shown = {tuple(row) for row in connection.execute(sa.select(made.c.alert_id, made.c.channel))}
    # Each admin has a notice of their own; only the first was named by the alert.
    notices = sa.select(messages).where(messages.c.kind == 'notice', messages.c.thread_of.is_(None))
    for notice in connection.execute(notices).all():
        alert_id = (notice.body or {}).get('alert')
        if alert_id is None or (alert_id, notice.channel) in shown:
            continue
        shown.add((alert_id, notice.channel))
        connection.execute(sa.insert(made).values(
            alert_id=alert_id, channel=notice.channel, route='', policy={}, reason='', held='',
            message_id=notice.id, next_at=None, told_at=notice.created_at, last_told_at=notice.created_at,
            repeats=0, escalations=0,
        ))


def downgrade() -> None:
    raise NotImplementedError("Sendwatch only goes forward; restore a back-up to go back")
