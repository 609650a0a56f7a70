from datetime import timedelta

import pytest
import sqlalchemy as sa

from planner import flows
from planner.dialects.events import MessageState
from planner.msisdn import Msisdn
from planner.store import Store, ledgers, views
from tests.cases import postbacks as recorded
from tests.store import NOW, NUMBER, hashes, receipt, state, take


def sends(store) -> dict[tuple[str, str], tuple[int, str, str]]:
    with store.transaction() as tx:
        rows = tx.execute(sa.select(views.SENDS)).mappings().all()
    return {(row["account"], row["tracking_id"]): (row["state"], row["code"], row["sent_as"]) for row in rows}


def strings(store, number: str = NUMBER) -> list[str]:
    return [o.string for o in store.handset(Msisdn(number)).evidence]


@pytest.fixture
def filled(store) -> Store:
    """Every recorded postback, some phones more, one time assumed and one kept aside."""
    take(store, *recorded.receipts())
    take(store, *(receipt(str(15555550200 + n), handset=text) for n, text in enumerate(("iOS", "SM-G900F"))))
    take(store, receipt("15555550300", timestamp=None, handset="motol7c"))
    take(store, receipt("15555550301", timestamp=(NOW + timedelta(days=9)).isoformat()))
    return store


# Rebuilding.


def test_a_rebuild_changes_nothing_when_all_is_in_order(filled, phones):
    before = state(filled)
    listed = list(filled.handsets())
    assert flows.rebuild(filled, phones) == (before, before)
    assert list(filled.handsets()) == listed
    assert state(filled) == before


def test_a_rebuild_of_an_empty_database_leaves_it_empty(store, phones):
    before, after = flows.rebuild(store, phones)
    assert before == after == state(store)


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM handsets",
        f"DELETE FROM handsets WHERE number = {NUMBER}",
        "UPDATE handsets SET number = number + 1 WHERE number = 15555550200",
        "UPDATE handsets SET source = 1",
        "UPDATE handsets SET string_id = (SELECT max(string_id) FROM handsets) WHERE number = 15555550200",
        "UPDATE handsets SET string_id = 10000 WHERE number = 15555550200",
        "UPDATE handsets SET observed_at = observed_at + 1 WHERE number = 15555550200",
        "UPDATE handsets SET observed_at = 'yesterday' WHERE number = 15555550200",
        "UPDATE handsets SET observed_at = x'00' WHERE number = 15555550200",
        "UPDATE handsets SET assumed = 1 - assumed WHERE number = 15555550200",
        "UPDATE handsets SET operator_id = '1' WHERE number = 15555550200",
        (
            "INSERT INTO handsets SELECT 15555559999, source, string_id, observed_at, assumed, operator_id"
            " FROM handsets WHERE number = 15555550200"
        ),
        "DELETE FROM sends",
        "UPDATE sends SET state = 5 WHERE tracking_id = 'T-15555550200'",
        "UPDATE sends SET code = 'N103' WHERE tracking_id = 'T-15555550200'",
        "UPDATE sends SET sent_as = 'SMS' WHERE tracking_id = 'T-15555550200'",
        "UPDATE sends SET account = 'other' WHERE tracking_id = 'T-15555550200'",
    ],
)
def test_a_view_changed_by_hand_is_noticed_and_mended_by_a_rebuild(filled, phones, damage):
    good = state(filled)
    with filled.transaction() as tx:
        assert tx.exec_driver_sql(damage).rowcount > 0
    view, ledger = hashes(filled)
    assert ledger == good
    assert view != good
    assert flows.rebuild(filled, phones) == (view, good)
    assert state(filled) == good


@pytest.mark.parametrize(
    "growth",
    [
        (
            "INSERT INTO observations"
            " (number, source, string_id, observed_at, assumed, operator_id, stored_at, aside)"
            " SELECT 15555558888, source, string_id, observed_at, assumed, operator_id, stored_at, aside"
            " FROM observations WHERE number = 15555550200"
        ),
        (
            "INSERT INTO events (account, key, kind, code, state, tracking_id, sent_as, stored_at, body)"
            " VALUES ('default', 'k', 'postback', 'N102', 70, 'T-new', '', 0, '{}')"
        ),
    ],
)
def test_a_ledger_that_the_views_do_not_know_is_noticed(filled, growth):
    good = state(filled)
    with filled.transaction() as tx:
        tx.exec_driver_sql(growth)
    view, ledger = hashes(filled)
    assert view == good
    assert ledger != good


def test_a_rebuild_says_anew_what_every_string_means(filled, phones):
    with filled.transaction() as tx:
        before = {row["string_id"]: dict(row) for row in tx.execute(sa.select(views.MEANINGS)).mappings()}
        assert {row["rules"] for row in before.values()} == {phones.version}
        assert "ios" in {row["os_family"] for row in before.values()}
        tx.exec_driver_sql("UPDATE meanings SET os_family = 'android', device_id = 'nonsense'")
        tx.exec_driver_sql("DELETE FROM meanings WHERE string_id = (SELECT min(string_id) FROM meanings)")
    flows.rebuild(filled, phones)
    with filled.transaction() as tx:
        after = {row["string_id"]: dict(row) for row in tx.execute(sa.select(views.MEANINGS)).mappings()}
    assert after == before


def test_better_rules_replace_what_strings_mean_and_nothing_else(filled, phones):
    before = state(filled)
    with filled.transaction() as tx:
        tx.exec_driver_sql("UPDATE meanings SET rules = 'older', os_family = NULL")
        flows.refresh_meanings(tx, phones)
        rules = set(tx.execute(sa.select(views.MEANINGS.c.rules)).scalars())
    assert rules == {phones.version}
    assert state(filled) == before


# The state hash.


def test_the_state_hash_says_nothing_of_when_and_how_rows_were_stored(filled, tmp_path):
    documents = [
        *recorded.receipts(),
        *(receipt(str(15555550200 + n), handset=text) for n, text in enumerate(("iOS", "SM-G900F"))),
        receipt("15555550300", timestamp=None, handset="motol7c"),
        receipt("15555550301", timestamp=(NOW + timedelta(days=9)).isoformat()),
    ]
    with Store(f"sqlite:///{tmp_path}/other.db") as other:
        for day, document in enumerate(reversed(documents)):
            take(other, document, now=NOW + timedelta(minutes=day))
            take(other, document, now=NOW + timedelta(days=1))
        assert state(other) == state(filled)


@pytest.mark.parametrize(
    "more",
    [
        receipt("15555550400"),
        receipt(handset="a new string"),
        receipt(timestamp="2026-11-01T00:00:00Z"),
        {"code": "N101", "tracking-id": "a new message"},
    ],
)
def test_the_state_hash_changes_with_all_that_is_known(filled, more):
    before = state(filled)
    take(filled, more)
    assert state(filled) != before


# Handsets.


def test_a_late_receipt_does_not_overwrite_a_newer_one(store):
    take(store, receipt(timestamp="2026-10-02T00:00:00Z", tracking_id="newer"))
    take(store, receipt(timestamp="2026-10-01T00:00:00Z", tracking_id="late"))
    (seen,) = store.handset(Msisdn(NUMBER)).evidence
    assert seen.observed_at.day == 2


def test_a_number_that_changed_its_carrier_keeps_both_and_the_newer_counts(store):
    take(store, receipt(timestamp="2026-10-02T00:00:00Z", operator_id="31004"))
    take(store, receipt(timestamp="2026-10-01T00:00:00Z", operator_id="31009", tracking_id="late"))
    handset = store.handset(Msisdn(NUMBER))
    assert (handset.operator_id, len(handset.evidence)) == ("31004", 2)


def test_a_vague_string_stands_beside_the_precise_one(store):
    take(store, receipt(handset="SM-G900F", timestamp="2026-10-01T00:00:00Z"))
    take(store, receipt(handset="Android-Mms/2.0", timestamp="2026-10-02T00:00:00Z"))
    assert strings(store) == ["Android-Mms/2.0", "SM-G900F"]


def test_a_stated_and_an_assumed_time_stand_side_by_side_and_the_stated_one_is_believed_more(store):
    stated = receipt(timestamp=NOW.isoformat(), operator_id="1", tracking_id="stated")
    assumed = receipt(timestamp=None, operator_id="9", tracking_id="assumed")
    for pair in ((stated, assumed), (assumed, stated)):
        for document in pair:
            take(store, document)
        handset = store.handset(Msisdn(NUMBER))
        assert [(o.assumed, o.operator_id) for o in handset.evidence] == [(False, "1"), (True, "9")]
        assert handset.operator_id == "1"
        state(store)


def test_an_assumed_time_never_hides_a_stated_one_whenever_it_was_stored():
    """The state may not depend on whether a receipt without a time came before or after another's time."""
    with Store("sqlite://") as early, Store("sqlite://") as late:
        for other, now in ((early, NOW - timedelta(hours=1)), (late, NOW + timedelta(hours=1))):
            take(other, receipt(timestamp=None, tracking_id="a"), now=now)
            take(other, receipt(timestamp=NOW.isoformat(), tracking_id="b"), now=NOW)
        assert state(early) == state(late)


@pytest.mark.parametrize("page", [1, 2, 500])
def test_handsets_are_listed_by_number_and_after_any_of_them(filled, monkeypatch, page):
    monkeypatch.setattr("planner.store.stores.PAGE", page)
    listed = list(filled.handsets())
    numbers = [handset.number for handset in listed]
    assert numbers == [NUMBER, "15555550200", "15555550201", "15555550300"]
    assert listed == [filled.handset(number) for number in numbers]
    assert [h.number for h in filled.handsets(after=Msisdn("15555550200"))] == numbers[2:]
    assert [h.number for h in filled.handsets(limit=2)] == numbers[:2]
    assert list(filled.handsets(limit=0)) == []
    assert list(filled.handsets(after=Msisdn(numbers[-1]))) == []


def test_numbers_of_different_length_are_listed_in_the_order_of_their_value(store):
    take(store, *(receipt(number) for number in ("447700900123", "15555550123", "12345678")))
    assert [h.number for h in store.handsets()] == ["12345678", "15555550123", "447700900123"]


def test_nobody_who_writes_waits_for_whoever_lists_handsets(filled, monkeypatch):
    monkeypatch.setattr("planner.store.stores.PAGE", 1)
    listing = filled.handsets()
    next(listing)
    take(filled, receipt("15555550999"))
    assert [handset.number for handset in listing][-1] == "15555550999"


# Sends.


def test_a_message_state_only_moves_up(store):
    steps = [
        {"code": "N101", "status": "Sent", "handset": None},
        {"code": "N103", "status": "Expired", "handset": None},
        {"code": "E102", "status": "Rejected", "handset": None},
        {"code": "N202", "status": "Delivered", "sent_as": "SMS", "handset": None},
        {"code": "N102", "status": "Delivered"},
    ]
    highest = 0
    for step in steps:
        take(store, receipt(**step))
        ((now_at, code, _),) = sends(store).values()
        assert code == step["code"]
        assert now_at > highest
        highest = now_at
    for step in steps:
        take(store, receipt(**step | {"client_reference": "late"}))
        ((now_at, code, _),) = sends(store).values()
        assert (now_at, code) == (MessageState.DELIVERED, "N102")


def test_messages_of_two_accounts_are_two_messages(store):
    take(store, receipt(), account="a")
    take(store, receipt(code="N101", handset=None), account="b")
    assert {key[0]: value[0] for key, value in sends(store).items()} == {
        "a": MessageState.DELIVERED,
        "b": MessageState.SENT,
    }


def test_an_inbound_message_is_kept_but_is_no_send(store, phones):
    take(store, *(recorded.load(name) for name in ("postback-N401", "postback-N401-group")))
    assert sends(store) == {}
    with store.transaction() as tx:
        kinds = tx.execute(sa.select(ledgers.EVENTS.c.kind)).scalars().all()
    assert kinds == [views.INBOUND, views.INBOUND]
    flows.rebuild(store, phones)
    assert sends(store) == {}


def test_an_inbound_message_never_moves_a_send_of_the_same_id(store):
    take(store, receipt(tracking_id="T"))
    take(store, recorded.load("postback-N401") | {"tracking-id": "T"})
    assert [row[0] for row in sends(store).values()] == [MessageState.DELIVERED]
    state(store)


def test_a_postback_without_a_tracking_id_has_no_send_but_teaches(store):
    take(store, receipt(tracking_id=None))
    assert sends(store) == {}
    assert strings(store) == ["iPhoneOS"]


# Counting.


def test_what_is_there_can_be_counted(filled):
    with filled.transaction() as tx:
        counted = views.counts(tx)
    assert counted == {
        "numbers": 4,
        "strings": len({o.string for h in filled.handsets() for o in h.evidence}),
        "observations": 19,
        "aside": 1,
        "events": 34,
        "sends": len(sends(filled)),
    }
