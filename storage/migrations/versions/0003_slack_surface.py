"""Watches, Home tabs and people's locales; indexes for reports and for what somebody has sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.models.base

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

REPORTED = (
    "status IN ('opened', 'shipped', 'amazon_shipped', 'redeemed', 'delivered', 'expired', 'confirmation_canceled', "
    "'refunded')"
)


def upgrade() -> None:
    op.create_table('homes',
    sa.Column('user_id', sa.Text(), nullable=False),
    sa.Column('team_id', sa.Text(), nullable=False),
    sa.Column('opened_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('asked', sa.JSON(), nullable=False),
    sa.Column('shown', sa.Text(), nullable=False),
    sa.Column('drawn_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('lease_until', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_homes'))
    )
    op.create_table('watches',
    sa.Column('id', storage.models.base.BigInt, autoincrement=True, nullable=False),
    sa.Column('user_id', sa.Text(), nullable=False),
    sa.Column('send_id', storage.models.base.BigInt, nullable=False),
    sa.Column('told_seq', sa.Integer(), nullable=False),
    sa.Column('created_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('ended_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('ended_why', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['send_id'], ['sends.id'], name=op.f('fk_watches_send_id_sends'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_watches')),
    sa.UniqueConstraint('user_id', 'send_id', name=op.f('uq_watches_user_id_send_id'))
    )
    op.create_index('ix_watches_ended_at', 'watches', ['ended_at', 'send_id'], unique=False)
    with op.batch_alter_table('people', schema=None) as batch_op:
        batch_op.add_column(sa.Column('locale', sa.Text(), server_default='', nullable=False))
    op.create_index('ix_sends_created_at', 'sends', ['created_at'], unique=False)
    op.drop_index('ix_sends_sender_email', table_name='sends')
    op.create_index('ix_sends_sender_email', 'sends', ['sender_email', 'created_at', 'status'], unique=False)
    op.create_index(
        'ix_send_history_reported', 'send_history', ['occurred_at', 'status', 'send_id', 'source'], unique=False,
        sqlite_where=sa.text(REPORTED), postgresql_where=sa.text(REPORTED),
    )
    op.create_index(
        'ix_alerts_resolved_at', 'alerts', ['resolved_at'], unique=False,
        sqlite_where=sa.text('resolved_at IS NOT NULL'), postgresql_where=sa.text('resolved_at IS NOT NULL'),
    )


def downgrade() -> None:
    raise NotImplementedError("Sendwatch only goes forward; restore a back-up to go back")
