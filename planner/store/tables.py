"""The tables, declared with SQLModel; rows never leave this package.

Two ledgers that only grow (`events`, `observations`), two views folded from them (`sends`, `handsets`), the
interned `strings` and what they mean. A number is stored as an integer, a time as whole microseconds since
1970 in UTC: both compare and sort the same way in every database.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, SmallInteger, Text, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Give whole microseconds since 1970; a time without a zone is a programming mistake."""
    assert moment.tzinfo is not None, f"a time needs a zone, got {moment!r}"
    return (moment - EPOCH) // MICROSECOND


def moment(stored: int) -> datetime:
    """Give the time back, in UTC."""
    return EPOCH + stored * MICROSECOND


class UTCDateTime(TypeDecorator[datetime]):
    """A time in UTC; refuses naive values, since SQLite forgets zones without a word."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        """Write microseconds."""
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> datetime | None:
        """Read a time in UTC."""
        return None if value is None else moment(value)


def _serial() -> Column[int]:
    # SQLite counts rows by themselves only in a column that is exactly INTEGER PRIMARY KEY.
    return Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


def _text() -> Column[str]:
    return Column(Text, nullable=False)


class String(SQLModel, table=True):
    """A handset string, stored once."""

    __tablename__ = "strings"

    id: int | None = Field(default=None, sa_column=_serial())
    text: str = Field(sa_column=Column(Text, nullable=False, unique=True))


class Meaning(SQLModel, table=True):
    """What a string means under one version of the rules; a view, made again when the rules change."""

    __tablename__ = "meanings"

    string_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    rules: str = Field(sa_column=_text())
    kind: str = Field(sa_column=_text())
    device_id: str | None = Field(default=None, sa_column=Column(Text))
    os_family: str | None = Field(default=None, sa_column=Column(Text))
    brand: str | None = Field(default=None, sa_column=Column(Text))
    model: str | None = Field(default=None, sa_column=Column(Text))


class Event(SQLModel, table=True):
    """Ledger: one thing that an API told us, once; `body` has no IMEI-like part in it."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("account", "key", name="events_once"),
        Index("events_by_tracking_id", "account", "tracking_id"),
        Index("events_by_number", "number"),
    )

    id: int | None = Field(default=None, sa_column=_serial())
    account: str = Field(sa_column=_text())
    key: str = Field(sa_column=_text())
    kind: str = Field(sa_column=_text())
    code: str = Field(sa_column=_text())
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    tracking_id: str = Field(sa_column=_text())
    number: int | None = Field(default=None, sa_column=Column(BigInteger))
    sent_as: str = Field(sa_column=_text())
    event_at: datetime | None = Field(default=None, sa_column=Column(UTCDateTime))
    stored_at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))
    body: str = Field(sa_column=_text())


class ObservationRow(SQLModel, table=True):
    """Ledger: one observation, once; `aside` marks a time that cannot be believed, which is never folded."""

    __tablename__ = "observations"
    __table_args__ = (
        UniqueConstraint(
            "number", "source", "string_id", "operator_id", "assumed", "observed_at", name="observations_once"
        ),
    )

    id: int | None = Field(default=None, sa_column=_serial())
    number: int = Field(sa_column=Column(BigInteger, nullable=False))
    source: int = Field(sa_column=Column(SmallInteger, nullable=False))
    string_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    observed_at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))
    assumed: bool = Field(sa_column=Column(Boolean, nullable=False))
    operator_id: str = Field(sa_column=_text())
    stored_at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))
    aside: bool = Field(sa_column=Column(Boolean, nullable=False))


class HandsetRow(SQLModel, table=True):
    """View: the newest time of each statement about a number; clustered, so a number is one read."""

    __tablename__ = "handsets"
    __table_args__ = {"sqlite_with_rowid": False}

    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    source: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    string_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    operator_id: str = Field(sa_column=Column(Text, primary_key=True))
    assumed: bool = Field(sa_column=Column(Boolean, primary_key=True))
    observed_at: datetime = Field(sa_column=Column(UTCDateTime, nullable=False))


class SendRow(SQLModel, table=True):
    """View: how far each message has come, by the highest state that was told."""

    __tablename__ = "sends"
    __table_args__ = {"sqlite_with_rowid": False}

    account: str = Field(sa_column=Column(Text, primary_key=True))
    tracking_id: str = Field(sa_column=Column(Text, primary_key=True))
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    code: str = Field(sa_column=_text())
    sent_as: str = Field(sa_column=_text())
