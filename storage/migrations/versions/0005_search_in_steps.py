"""The search index of SQLite is kept in shape a little with each transaction, and not much with a few of them."""

from __future__ import annotations

from alembic import op

from storage import search_index

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    search_index.leave_to_tend(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("Sendwatch only goes forward; restore a back-up to go back")
