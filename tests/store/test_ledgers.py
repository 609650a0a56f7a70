from datetime import timedelta

import pytest
import sqlalchemy as sa

from planner import flows
from planner.msisdn import Msisdn
from planner.observations import Observation, Source
from planner.store import ledgers, views
from tests.cases import postbacks as recorded
from tests.store import NOW, NUMBER, hashes, receipt, state, take


def entry(key: str = "k", account: str = "a", **changes) -> ledgers.Entry:
    values = {
        "account": account, "key": key, "kind": "postback", "code": "N102", "state": 70, "tracking_id": "T",
        "number": Msisdn(NUMBER), "sent_as": "MMS", "event_at": None, "stored_at": NOW, "body": "{}",
    }  # fmt: skip
    return ledgers.Entry(**values | changes)


def rows(store, table: sa.Table) -> list[dict]:
    with store.transaction() as tx:
        return [dict(row) for row in tx.execute(sa.select(table)).mappings()]


# Events.


def test_an_event_is_kept_once_for_each_account_and_key(store):
    with store.transaction() as tx:
        first = ledgers.add_events(tx, [entry("k"), entry("k"), entry("k", account="b"), entry("l")])
        assert first == {("a", "k"), ("b", "k"), ("a", "l")}
        assert ledgers.add_events(tx, [entry("k", body="other"), entry("m")]) == {("a", "m")}
        assert ledgers.add_events(tx, []) == set()
    kept = {(row["account"], row["key"]): row["body"] for row in rows(store, ledgers.EVENTS)}
    assert kept == dict.fromkeys([("a", "k"), ("b", "k"), ("a", "l"), ("a", "m")], "{}")


def test_more_events_than_one_statement_takes_are_all_kept(store):
    many = [entry(str(n)) for n in range(2 * ledgers.BATCH + 1)]
    with store.transaction() as tx:
        assert len(ledgers.add_events(tx, many)) == len(many)
        assert ledgers.add_events(tx, [*many, entry("new")]) == {("a", "new")}
    assert len(rows(store, ledgers.EVENTS)) == len(many) + 1


def test_a_second_key_is_refused_by_the_database_itself(store):
    with store.transaction() as tx:
        ledgers.add_events(tx, [entry()])
    (row,) = rows(store, ledgers.EVENTS)
    del row["id"]
    with pytest.raises(Exception, match="UNIQUE constraint"), store.transaction() as tx:
        tx.execute(ledgers.EVENTS.insert(), row)


# Strings.


def test_a_string_is_stored_once_whoever_says_it(store):
    with store.transaction() as tx:
        ids, new = ledgers.intern(tx, ["iOS", "motol7c", "iOS", ""])
        again, newer = ledgers.intern(tx, ["", "motol7c", "IOS"])
    assert new == {"iOS", "motol7c", ""}
    assert newer == {"IOS"}
    assert {text: again[text] for text in ("", "motol7c")} == {text: ids[text] for text in ("", "motol7c")}
    assert sorted(row["text"] for row in rows(store, ledgers.STRINGS)) == ["", "IOS", "iOS", "motol7c"]


def test_a_thousand_strings_get_an_id_each(store):
    texts = [f"phone {n}" for n in range(2 * ledgers.BATCH + 1)]
    with store.transaction() as tx:
        ids, new = ledgers.intern(tx, texts)
        assert ledgers.intern(tx, texts) == (ids, frozenset())
    assert len(set(ids.values())) == len(new) == len(texts)


def test_a_thousand_receipts_of_one_phone_store_its_string_once(store):
    take(store, *(receipt(str(15555550000 + n)) for n in range(1_000)))
    assert [row["text"] for row in rows(store, ledgers.STRINGS)] == ["iPhoneOS"]
    assert len(rows(store, ledgers.OBSERVATIONS)) == 1_000


# Observations.


def test_an_observation_is_kept_once_and_only_new_ones_are_handed_on(store):
    seen = Observation(Msisdn(NUMBER), Source.RECEIPT, "iOS", NOW, "31003")
    later = Observation(Msisdn(NUMBER), Source.RECEIPT, "iOS", NOW + timedelta(seconds=1), "31003")
    with store.transaction() as tx:
        ids, _ = ledgers.intern(tx, ["iOS"])
        (row,) = ledgers.add_observations(tx, [seen, seen], ids, NOW)
        assert (row["number"], row["observed_at"]) == (int(NUMBER), NOW)
        (row,) = ledgers.add_observations(tx, [seen, later], ids, NOW + timedelta(days=1))
        assert row["observed_at"] == later.observed_at
        assert ledgers.add_observations(tx, [seen, later], ids, NOW) == []
    assert len(rows(store, ledgers.OBSERVATIONS)) == 2


def test_an_observation_without_a_time_takes_that_of_its_first_storage_and_keeps_it(store):
    timeless = receipt(timestamp=None)
    take(store, timeless, now=NOW)
    take(store, timeless, now=NOW + timedelta(days=9))
    (row,) = rows(store, ledgers.OBSERVATIONS)
    assert (row["observed_at"], row["assumed"], row["stored_at"]) == (NOW, True, NOW)


@pytest.mark.parametrize(
    ("ahead", "aside"), [(timedelta(hours=24), False), (timedelta(hours=24, seconds=1), True)]
)
def test_a_time_more_than_a_day_ahead_is_kept_aside_and_never_folded(store, ahead, aside):
    early = receipt(timestamp=(NOW + ahead).isoformat())
    counted = take(store, early)
    assert (counted.taught, counted.aside) == (int(not aside), int(aside))
    (row,) = rows(store, ledgers.OBSERVATIONS)
    assert row["aside"] is aside
    assert bool(store.handset(Msisdn(NUMBER)).evidence) is not aside
    take(store, early, now=NOW + timedelta(days=400))  # a repeat that would be believable by now
    with store.transaction() as tx:
        views.rebuild(tx)
    assert bool(store.handset(Msisdn(NUMBER)).evidence) is not aside
    state(store)


# The ledgers only grow.


def test_no_flow_ever_changes_or_deletes_a_row_of_a_ledger(store, phones):
    written = []

    def listen(_connection, _cursor, statement, *_rest):
        written.append(" ".join(statement.split()).upper())

    sa.event.listen(store._engine, "before_cursor_execute", listen)
    before = {table: [] for table in (ledgers.EVENTS, ledgers.OBSERVATIONS, ledgers.STRINGS)}
    for n in range(2):
        take(store, *recorded.receipts(), now=NOW + timedelta(days=n))
        take(store, receipt(timestamp=None, handset=f"phone {n}"), now=NOW + timedelta(days=n))
        flows.hint(store, phones, Msisdn(NUMBER), "SM-G900F", now=NOW + timedelta(days=n))
        flows.rebuild(store, phones)
        for table, known in before.items():
            found = rows(store, table)
            assert found[: len(known)] == known
            before[table] = found
    view, ledger = hashes(store)
    assert view == ledger
    words = {tuple(statement.split()[:3]) for statement in written}
    assert ("DELETE", "FROM", "HANDSETS") in words  # the listener hears
    for table in ("EVENTS", "OBSERVATIONS", "STRINGS"):
        assert not {w for w in words if w[0] in {"DELETE", "UPDATE", "REPLACE"} and table in w}
        assert not [s for s in written if s.startswith(f"INSERT INTO {table} ") and "DO UPDATE" in s]
        assert [s for s in written if s.startswith(f"INSERT INTO {table} ")]
