"""SQLite's search index waits longer for being merged, so that whoever presses can be let past."""

from __future__ import annotations

from alembic import op

from storage import search_index

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    search_index.put_off_crises(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("Sendwatch only goes forward; restore a back-up to go back")
