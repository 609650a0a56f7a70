from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import StatementError
from sqlmodel import SQLModel

from planner.store import tables
from tests.store import NOW, receipt, take

MOMENTS = st.datetimes(timezones=st.timezones() | st.just(UTC))


@given(MOMENTS)
def test_a_time_is_stored_as_whole_microseconds_and_comes_back_in_utc(moment):
    stored = tables.micros(moment)
    assert isinstance(stored, int)
    back = tables.moment(stored)
    assert back == moment.astimezone(UTC)  # in its own zone an hour can come twice
    assert back.tzinfo is UTC


@given(MOMENTS, MOMENTS)
def test_stored_times_compare_as_the_times_do(one, other):
    assert (tables.micros(one) < tables.micros(other)) == (one.astimezone(UTC) < other.astimezone(UTC))


def test_a_time_before_1970_is_a_time():
    assert tables.micros(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1


@pytest.mark.parametrize("column", ["event_at", "stored_at"])
def test_a_time_without_a_zone_cannot_be_stored(store, column):
    row = {
        "account": "a", "key": "k", "kind": "postback", "code": "N102", "state": 70, "tracking_id": "T",
        "number": 1, "sent_as": "", "event_at": NOW, "stored_at": NOW, "body": "{}",
    }  # fmt: skip
    events = SQLModel.metadata.tables["events"]
    naive = row | {column: NOW.replace(tzinfo=None)}
    with store.transaction() as tx:
        tx.execute(events.insert(), row)
    with pytest.raises(StatementError, match="needs a zone"), store.transaction() as tx:
        tx.execute(events.insert(), naive | {"key": "other"})


def test_every_time_in_the_tables_is_of_the_type_that_refuses_naive_ones():
    times = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_at")
    }
    typed = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, tables.UTCDateTime)
    }
    plain = {
        column.name
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.DateTime)
    }
    assert times == typed
    assert len(typed) >= 4
    assert plain == set()


def test_all_that_is_stored_is_read_in_utc(store):
    east = timezone(timedelta(hours=9))
    take(store, receipt(timestamp="2026-10-01T07:00:09-05:00"), now=NOW.astimezone(east))
    with store.transaction() as tx:
        events = tx.execute(sa.select(SQLModel.metadata.tables["events"])).mappings().one()
        (handset,) = tx.execute(sa.select(SQLModel.metadata.tables["handsets"])).mappings()
    assert events["event_at"] == datetime(2026, 10, 1, 12, 0, 9, tzinfo=UTC)
    assert events["stored_at"] == NOW
    assert {t.tzinfo for t in (events["event_at"], events["stored_at"], handset["observed_at"])} == {UTC}
