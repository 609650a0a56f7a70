"""Strings and their meanings, two ledgers, two views."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "strings",
        sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("text", sa.Text, nullable=False, unique=True),
    )
    op.create_table(
        "meanings",
        sa.Column("string_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("device_id", sa.Text),
        sa.Column("os_family", sa.Text),
        sa.Column("brand", sa.Text),
        sa.Column("model", sa.Text),
    )
    op.create_table(
        "events",
        sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("tracking_id", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger),
        sa.Column("sent_as", sa.Text, nullable=False),
        sa.Column("event_at", sa.BigInteger),
        sa.Column("stored_at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("account", "key", name="events_once"),
    )
    op.create_index("events_by_tracking_id", "events", ["account", "tracking_id"])
    op.create_index("events_by_number", "events", ["number"])
    op.create_table(
        "observations",
        sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("source", sa.SmallInteger, nullable=False),
        sa.Column("string_id", sa.BigInteger, nullable=False),
        sa.Column("observed_at", sa.BigInteger, nullable=False),
        sa.Column("assumed", sa.Boolean, nullable=False),
        sa.Column("operator_id", sa.Text, nullable=False),
        sa.Column("stored_at", sa.BigInteger, nullable=False),
        sa.Column("aside", sa.Boolean, nullable=False),
        sa.UniqueConstraint(
            "number", "source", "string_id", "operator_id", "assumed", "observed_at", name="observations_once"
        ),
    )
    op.create_table(
        "handsets",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("source", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("string_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("operator_id", sa.Text, primary_key=True),
        sa.Column("assumed", sa.Boolean, primary_key=True),
        sa.Column("observed_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sends",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("tracking_id", sa.Text, primary_key=True),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("sent_as", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
