"""Marks of addresses that were forgotten"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.models.base

revision = '0008'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('forgotten',
    sa.Column('mark', sa.Text(), nullable=False),
    sa.Column('forgotten_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('mark', name=op.f('pk_forgotten'))
    )
    op.create_table('privacy_keys',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('secret', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_privacy_keys'))
    )


def downgrade() -> None:
    raise NotImplementedError("Sendwatch only goes forward; restore a back-up to go back")
