"""Those who may see the sends of their team only find them as quickly as others"""

from __future__ import annotations

from alembic import op

from storage import search_index

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_sends_team', 'sends', ['team'])
    search_index.tell_whose(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("Sendwatch only goes forward; restore a back-up to go back")
