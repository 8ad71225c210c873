"""Short words are found through the index of sends' texts, too."""

from __future__ import annotations

from alembic import op

from storage import search_index

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    search_index.list_trigrams(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("Sendwatch only goes forward; restore a back-up to go back")
