"""The views: handsets and sends, folded from the ledgers, and what can be asked of them.

Both folds take a maximum (the newest observation, the highest state), so they can be done by the database
row by row, by any number of writers, in any order. `rebuild` makes the views again from the ledgers and
`state_hash` tells whether that changed anything: it covers what is known and leaves out how and when it
was stored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from planner.handsets import Handset, statement
from planner.msisdn import Msisdn
from planner.observations import Observation, Source
from planner.store.ledgers import EVENTS, OBSERVATIONS, STRINGS, batches, table
from planner.store.tables import HandsetRow, Meaning, SendRow

HANDSETS, SENDS, MEANINGS = table(HandsetRow), table(SendRow), table(Meaning)

STATEMENT = ("number", "source", "string_id", "operator_id", "assumed")
"""What makes two observations the same statement; a handset keeps the newest time of each."""

INBOUND = "inbound"
"""The kind of event that never becomes a send."""


def fold_observations(tx: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Fold new, believable observations into the handsets: of each statement the newest time stays."""
    insert = sqlite.insert(HANDSETS)
    statement = insert.on_conflict_do_update(
        index_elements=STATEMENT,
        set_={"observed_at": insert.excluded.observed_at},
        where=insert.excluded.observed_at > HANDSETS.c.observed_at,
    )
    if rows:
        tx.execute(statement, sorted(rows, key=itemgetter(*STATEMENT)))


def fold_events(tx: sa.Connection, rows: Iterable[dict[str, Any]]) -> None:
    """Fold new events into the sends: the highest state stays; events without a tracking id have no send."""
    kept = [row for row in rows if row["tracking_id"]]
    insert = sqlite.insert(SENDS)
    new, old = insert.excluded, SENDS.c
    higher = sa.tuple_(new.state, new.code, new.sent_as) > sa.tuple_(old.state, old.code, old.sent_as)
    statement = insert.on_conflict_do_update(
        index_elements=["account", "tracking_id"],
        set_={"state": new.state, "code": new.code, "sent_as": new.sent_as},
        where=higher,
    )
    if kept:
        tx.execute(statement, sorted(kept, key=lambda r: (r["account"], r["tracking_id"])))


def newest_observations() -> sa.Select[Any]:
    """Ledger to handsets in one statement: the same fold, said as a query."""
    statement = [OBSERVATIONS.c[name] for name in STATEMENT]
    newest = sa.func.max(OBSERVATIONS.c.observed_at, type_=OBSERVATIONS.c.observed_at.type)
    believable = sa.not_(OBSERVATIONS.c.aside)
    return sa.select(*statement, newest.label("observed_at")).where(believable).group_by(*statement)


def highest_events() -> sa.Select[Any]:
    """Ledger to sends in one statement."""
    order = [EVENTS.c.state.desc(), EVENTS.c.code.desc(), EVENTS.c.sent_as.desc()]
    place = sa.func.row_number().over(partition_by=[EVENTS.c.account, EVENTS.c.tracking_id], order_by=order)
    sent = sa.and_(EVENTS.c.tracking_id != "", EVENTS.c.kind != INBOUND)
    ranked = sa.select(EVENTS, place.label("place")).where(sent).subquery()
    return sa.select(*(ranked.c[column.name] for column in SENDS.c)).where(ranked.c.place == 1)


def rebuild(tx: sa.Connection) -> None:
    """Make both views again from the ledgers; meanings are forgotten, whoever has the rules writes them."""
    for view, source in ((HANDSETS, newest_observations()), (SENDS, highest_events())):
        tx.execute(view.delete())
        tx.execute(view.insert().from_select([column.name for column in view.c], source))
    tx.execute(MEANINGS.delete())


def handsets_after(tx: sa.Connection, after: int, count: int) -> list[Handset]:
    """Give the handsets of the next numbers after one, in order."""
    number = HANDSETS.c.number
    wanted = sa.select(number).where(number > after).distinct().order_by(number).limit(count).subquery()
    last = sa.select(sa.func.max(wanted.c.number)).scalar_subquery()
    rows = (
        sa.select(HANDSETS, STRINGS.c.text)
        .join(STRINGS, STRINGS.c.id == HANDSETS.c.string_id)
        .where(number > after, number <= last)
        .order_by(number)
    )
    found = groupby(tx.execute(rows).mappings(), key=lambda row: Msisdn(str(row["number"])))
    told = ((number, [_observation(number, row) for row in group]) for number, group in found)
    return [Handset(number, tuple(sorted(evidence, key=statement))) for number, evidence in told]


def _observation(number: Msisdn, row: sa.RowMapping) -> Observation:
    source, text = Source(row["source"]), str(row["text"])
    return Observation(number, source, text, row["observed_at"], row["operator_id"], bool(row["assumed"]))


def state_hash(tx: sa.Connection, *, from_ledger: bool = False) -> str:
    """Give SHA-256 over all handsets and message states, whatever order they lie in.

    Each row is hashed and the hashes are added, so ten million rows need no sorting and no memory. A time
    that was assumed depends on when it was stored and does not count.
    """
    handsets = newest_observations().subquery() if from_ledger else HANDSETS
    sends = highest_events().subquery() if from_ledger else SENDS
    time = sa.type_coerce(handsets.c.observed_at, sa.BigInteger)  # as it is stored, even where it is no time
    told = sa.select(
        handsets.c.number, handsets.c.source, STRINGS.c.text, time, handsets.c.assumed, handsets.c.operator_id
    ).outerjoin(STRINGS, STRINGS.c.id == handsets.c.string_id)
    total = 0
    for *known, at, assumed, operator in tx.execute(told.execution_options(yield_per=10_000)):
        total += _hash("handset", *known, operator, None if assumed else at)
    for row in tx.execute(sa.select(sends).execution_options(yield_per=10_000)).mappings():
        total += _hash("send", row["account"], row["tracking_id"], row["state"], row["code"], row["sent_as"])
    return hashlib.sha256((total % 2**256).to_bytes(32, "big")).hexdigest()


def _hash(*values: object) -> int:
    return int.from_bytes(hashlib.sha256(json.dumps(values, default=repr).encode()).digest(), "big")


def counts(tx: sa.Connection) -> dict[str, int]:
    """Count what is there; reads every index once, so it is for people, not for hot paths."""

    def count(statement: sa.Select[Any]) -> int:
        return int(tx.execute(statement).scalar() or 0)

    return {
        "numbers": count(sa.select(sa.func.count(HANDSETS.c.number.distinct()))),
        "strings": count(sa.select(sa.func.count()).select_from(STRINGS)),
        "observations": count(sa.select(sa.func.count()).select_from(OBSERVATIONS)),
        "aside": count(sa.select(sa.func.count()).select_from(OBSERVATIONS).where(OBSERVATIONS.c.aside)),
        "events": count(sa.select(sa.func.count()).select_from(EVENTS)),
        "sends": count(sa.select(sa.func.count()).select_from(SENDS)),
    }


def handsets_without_string(tx: sa.Connection) -> int:
    """Count rows of the view whose string is gone; neither ledger nor view can tell what they said."""
    joined = HANDSETS.outerjoin(STRINGS, STRINGS.c.id == HANDSETS.c.string_id)
    lost = sa.select(sa.func.count()).select_from(joined).where(STRINGS.c.id.is_(None))
    return int(tx.execute(lost).scalar() or 0)


def strings_without_meaning(tx: sa.Connection, rules: str) -> Iterator[tuple[int, str]]:
    """Give the strings whose meaning is missing or was made by other rules."""
    joined = STRINGS.outerjoin(MEANINGS, MEANINGS.c.string_id == STRINGS.c.id)
    outdated = sa.or_(MEANINGS.c.rules.is_(None), MEANINGS.c.rules != rules)
    for row in tx.execute(sa.select(STRINGS.c.id, STRINGS.c.text).select_from(joined).where(outdated)):
        yield row[0], row[1]


def put_meanings(tx: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write what strings mean now."""
    insert = sqlite.insert(MEANINGS)
    changed = {c.name: insert.excluded[c.name] for c in MEANINGS.c if c.name != "string_id"}
    statement = insert.on_conflict_do_update(index_elements=["string_id"], set_=changed)
    for batch in batches(rows):
        tx.execute(statement, batch)
