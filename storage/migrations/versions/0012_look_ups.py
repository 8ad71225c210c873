"""Who has looked up which sends"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.models.base

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('look_ups',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('user_id', sa.Text(), nullable=False),
    sa.Column('looked_at', storage.models.base.UtcTime(timezone=True), nullable=False),
    sa.Column('surface', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_look_ups')),
    sa.UniqueConstraint('key', name=op.f('uq_look_ups_key'))
    )
    op.create_index('ix_look_ups_looked_at', 'look_ups', ['looked_at'])
    op.create_table('look_up_sends',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('look_up_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('send_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['look_up_id'], ['look_ups.id'], name=op.f('fk_look_up_sends_look_up_id_look_ups'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['send_id'], ['sends.id'], name=op.f('fk_look_up_sends_send_id_sends'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_look_up_sends')),
    sa.UniqueConstraint('look_up_id', 'send_id', name=op.f('uq_look_up_sends_look_up_id_send_id'))
    )
    op.create_index('ix_look_up_sends_send_id', 'look_up_sends', ['send_id'])


def downgrade() -> None:
    raise NotImplementedError("Sendwatch only goes forward; restore a back-up to go back")
