"""Sends that know of themselves that their recipient or their sender was forgotten"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for whose in ('recipient', 'sender'):
        op.add_column(
            'sends', sa.Column(f'{whose}_forgotten', sa.Boolean(), server_default=sa.false(), nullable=False),
        )
    if op.get_bind().scalar(sa.text('SELECT count(*) FROM forgotten')):
        # Of whom nothing is known may have been forgotten: whoever has an address is told of with it again.
        for whose in ('recipient', 'sender'):
            op.execute(
                f"UPDATE sends SET {whose}_forgotten = true WHERE {whose}_email = '' AND {whose}_name = '' AND complete",  # noqa: S608
            )


def downgrade() -> None:
    raise NotImplementedError("Sendwatch only goes forward; restore a back-up to go back")
