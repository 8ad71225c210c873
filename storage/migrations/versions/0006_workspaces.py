"""The workspaces that have installed the app, and installations under way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.models.base

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('workspaces',
    sa.Column('id', storage.models.base.BigInt, autoincrement=True, nullable=False),
    sa.Column('enterprise_id', sa.Text(), nullable=False),
    sa.Column('team_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('token', sa.Text(), nullable=True),
    sa.Column('bot_id', sa.Text(), nullable=False),
    sa.Column('bot_user_id', sa.Text(), nullable=False),
    sa.Column('scopes', sa.Text(), nullable=False),
    sa.Column('installed_by', sa.Text(), nullable=False),
    sa.Column('installed_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('uninstalled_at', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('alert_channel', sa.Text(), nullable=False),
    sa.Column('admins', sa.JSON(), nullable=False),
    sa.Column('sendoso', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_workspaces')),
    sa.UniqueConstraint('enterprise_id', 'team_id', name=op.f('uq_workspaces_enterprise_id_team_id'))
    )
    op.create_table('install_states',
    sa.Column('mark', sa.Text(), nullable=False),
    sa.Column('ends_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('mark', name=op.f('pk_install_states'))
    )


def downgrade() -> None:
    raise NotImplementedError("Sendwatch only goes forward; restore a back-up to go back")
