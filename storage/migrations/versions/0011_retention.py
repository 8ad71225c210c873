"""How far back finished sends are kept"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.models.base

revision = '0011'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('retention',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kept_since', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.Column('held_since', storage.models.base.UtcTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_retention'))
    )
    op.create_index('ix_webhook_deliveries_received_at', 'webhook_deliveries', ['received_at'])


def downgrade() -> None:
    raise NotImplementedError("Sendwatch only goes forward; restore a back-up to go back")
