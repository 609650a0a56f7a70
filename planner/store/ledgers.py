"""The ledgers: events and observations, which only grow.

A repeat is dropped by a unique key when it is inserted, never by looking first. Only what is new is handed
on to the views, so a repeat that comes years later changes nothing, not even a time that was assumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlmodel import SQLModel

from planner.msisdn import Msisdn
from planner.observations import Observation
from planner.store.tables import Event, ObservationRow, String

BATCH = 500
"""Rows a statement; SQLite takes at most 32,766 values in one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as the ledger keeps it; `key` makes it the same as another of its account."""

    account: str
    key: str
    kind: str
    code: str
    state: int
    tracking_id: str
    number: Msisdn | None
    sent_as: str
    event_at: datetime | None
    stored_at: datetime
    body: str


def table(model: type[SQLModel]) -> sa.Table:
    """Give the Core table of a declared one; hot paths do without ORM instances."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


EVENTS, OBSERVATIONS, STRINGS = table(Event), table(ObservationRow), table(String)


def batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Cut rows into statements of a size that every database takes."""
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def add_events(tx: sa.Connection, entries: Iterable[Entry]) -> set[tuple[str, str]]:
    """Append events; give (account, key) of those that were not there yet."""
    rows = [asdict(e) | {"number": None if e.number is None else int(e.number)} for e in entries]
    statement = sqlite.insert(EVENTS).on_conflict_do_nothing().returning(EVENTS.c.account, EVENTS.c.key)
    return {(row[0], row[1]) for batch in batches(rows) for row in tx.execute(statement, batch)}


def intern(tx: sa.Connection, texts: Iterable[str]) -> tuple[dict[str, int], frozenset[str]]:
    """Give the id of each string, storing new ones once; also which were new."""
    wanted = sorted(set(texts))
    insert = sqlite.insert(STRINGS).on_conflict_do_nothing().returning(STRINGS.c.text)
    new = {
        row[0] for batch in batches(wanted) for row in tx.execute(insert, [{"text": text} for text in batch])
    }
    ids: dict[str, int] = {}
    for batch in batches(wanted):
        ids |= {
            r[1]: r[0]
            for r in tx.execute(sa.select(STRINGS.c.id, STRINGS.c.text).where(STRINGS.c.text.in_(batch)))
        }
    return ids, frozenset(new)


def add_observations(
    tx: sa.Connection, settled: Sequence[Observation], ids: Mapping[str, int], stored_at: datetime
) -> list[dict[str, Any]]:
    """Append settled observations; give the rows that were new and can be believed, for the views to fold."""
    rows = [
        {
            "number": int(o.number),
            "source": o.source.value,
            "string_id": ids[o.string],
            "observed_at": o.observed_at,
            "assumed": o.assumed,
            "operator_id": o.operator_id,
            "stored_at": stored_at,
            "aside": not o.is_believable(stored_at),
        }
        for o in settled
    ]
    folded = [column for column in OBSERVATIONS.c if column.name not in {"id", "stored_at"}]
    statement = sqlite.insert(OBSERVATIONS).on_conflict_do_nothing().returning(*folded)
    found = (dict(row._mapping) for batch in batches(rows) for row in tx.execute(statement, batch))  # noqa: SLF001 - the documented name of a row as a mapping
    return [{k: v for k, v in row.items() if k != "aside"} for row in found if not row["aside"]]
