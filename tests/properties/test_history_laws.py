"""Laws of learning from a history: order, repetition and batches do not matter, and views can be made again.

Two folds stand beside that of the database as oracles: `handsets.learn`, and a maximum in plain Python.
"""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from planner import flows, handsets, identify
from planner.dialects import sinch_mms
from planner.dialects.events import MessageState
from planner.handsets import Handset
from planner.msisdn import Msisdn
from planner.observations import Observation, Source
from planner.store import Store, views
from tests.cases import postbacks as recorded
from tests.properties import postback_strategies as world
from tests.properties.postback_strategies import NOW
from tests.store import hashes, receipt, state, take

PHONES = identify.default_identifier()
HINTS = st.tuples(st.sampled_from(world.NUMBERS), st.sampled_from(world.STRINGS), st.sampled_from([1, 50]))
HISTORIES = st.lists(world.RECEIPTS | world.RECORDED | HINTS, min_size=1, max_size=14)
"""Postbacks as documents, and hints as (number, string, days ago)."""

Batch = tuple[timedelta, list]


@st.composite
def retellings(draw) -> tuple[list, list[Batch]]:
    """A history, and the same again: shuffled, some of it twice, in batches stored at other times."""
    history = draw(HISTORIES)
    repeated = [*history, *draw(st.lists(st.sampled_from(history), max_size=6))]
    shuffled = draw(st.permutations(repeated))
    cuts = sorted(draw(st.lists(st.integers(0, len(shuffled)), max_size=4)))
    batches = [shuffled[start:end] for start, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]
    stored = draw(st.lists(st.integers(0, 20 * 60), min_size=len(batches), max_size=len(batches)))
    return history, [(timedelta(minutes=late), batch) for late, batch in zip(stored, batches, strict=True)]


@pytest.fixture(scope="module")
def blank():
    """Two empty stores; making new ones for each example takes most of the time."""
    with Store("sqlite://") as one, Store("sqlite://") as other:

        def emptied() -> tuple[Store, Store]:
            for store in (one, other):
                with store.transaction() as tx:
                    for name in ("events", "observations", "strings", "meanings", "handsets", "sends"):
                        tx.exec_driver_sql(f"DELETE FROM {name}")
                store._strings.clear()  # ids are given again
            return one, other

        yield emptied


def told(store: Store, batches: list[Batch]) -> Store:
    for late, batch in batches:
        take(store, *(item for item in batch if isinstance(item, dict)), now=NOW + late)
        for number, string, days in (item for item in batch if isinstance(item, tuple)):
            flows.hint(store, PHONES, Msisdn(number), string, now=NOW - timedelta(days=days))
    return store


def first_told(batches: list[Batch]):
    """Each postback once, with the time at which it was first stored, and each hint with its own."""
    seen: dict[str, tuple] = {}
    for late, batch in batches:
        for item in batch:
            if isinstance(item, dict):
                postback = sinch_mms.decode_postback(item)
                seen.setdefault(postback.key, (postback, postback.observations(), NOW + late))
            else:
                number, string, days = item
                at = NOW - timedelta(days=days)
                clean = identify.clean(string)
                seen.setdefault(repr(item), (None, [Observation(number, Source.HINT, clean, at)], at))
    return seen.values()


@given(retellings())
def test_any_order_any_repetition_and_any_batches_give_the_same_state(blank, retelling):
    history, batches = retelling
    once, again = blank()
    assert state(told(once, [(timedelta(), history)])) == state(told(again, batches))


@given(retellings())
def test_a_database_that_was_told_twice_is_as_if_it_was_told_once(blank, retelling):
    history, batches = retelling
    store, _ = blank()
    once = state(told(store, batches))
    known = list(store.handsets())
    assert state(told(store, [(timedelta(hours=23), history), *batches])) == once
    assert list(store.handsets()) == known


@given(retellings())
def test_the_handsets_are_what_learning_one_by_one_gives(blank, retelling):
    _, batches = retelling
    learnt: dict[str, Handset] = {}
    for _, observations, stored_at in first_told(batches):
        for observation in observations:
            if observation.is_believable(stored_at):
                handset = learnt.get(observation.number, Handset(observation.number))
                learnt[observation.number] = handsets.learn(handset, observation.settled(stored_at))
    store = told(blank()[0], batches)
    listed = list(store.handsets())
    assert listed == sorted(learnt.values(), key=lambda handset: int(handset.number))
    assert [store.handset(handset.number) for handset in listed] == listed


@given(retellings())
def test_the_sends_are_the_highest_that_was_told_of_each_message(blank, retelling):
    _, batches = retelling
    highest: dict[str, tuple] = {}
    for postback, _, _ in first_told(batches):
        if postback is not None and postback.tracking_id and postback.state is not MessageState.INBOUND:
            rank = (postback.state.value, postback.code, postback.sent_as.upper())
            highest[postback.tracking_id] = max(rank, highest.get(postback.tracking_id, rank))
    with told(blank()[0], batches).transaction() as tx:
        rows = tx.execute(views.SENDS.select()).mappings().all()
    assert {row["tracking_id"]: (row["state"], row["code"], row["sent_as"]) for row in rows} == highest


@given(retellings())
def test_a_rebuild_makes_the_same_views_again(blank, retelling):
    _, batches = retelling
    store = told(blank()[0], batches)
    before, known = state(store), list(store.handsets())
    assert flows.rebuild(store, PHONES) == (before, before)
    assert list(store.handsets()) == known
    assert state(store) == before


@given(HISTORIES)
@example([receipt(timestamp=world.FUTURE)])
def test_what_is_told_of_the_future_is_kept_aside_and_never_believed(blank, history):
    documents = [item for item in history if isinstance(item, dict)]
    now_or_past = [document for document in documents if document.get("timestamp") != world.FUTURE]
    store, without = blank()
    take(store, *documents)
    take(without, *now_or_past)
    assert list(store.handsets()) == list(without.handsets())
    with store.transaction() as tx:
        kept = views.counts(tx)["events"]
    assert kept == len({sinch_mms.decode_postback(document).key for document in documents})


def test_the_documented_receipts_that_differ_in_the_handset_alone_may_come_in_any_order(blank):
    names = [name for name in recorded.names("postback") if name.startswith("postback-N102-mms")]
    documents = [recorded.load(name) for name in names]
    found = set()
    for order in permutations(documents):
        store, _ = blank()
        for document in order:
            take(store, document)
        found.add(state(store))
        assert len(store.handset(Msisdn(document["to"])).evidence) == 4
    assert len(found) == 1


# Controls: the laws notice a fold and a key that are wrong.


def states_of_both_orders(*documents: dict) -> list[tuple[str, str]]:
    found = []
    for order in (documents, documents[::-1]):
        with Store("sqlite://") as store:
            for document in order:
                take(store, document)
            found.append(hashes(store))
    return found


def test_a_fold_in_which_the_last_word_wins_would_be_noticed(monkeypatch):
    pair = (receipt(), receipt(timestamp="2026-10-02T00:00:00Z", tracking_id="T"))
    one, other = states_of_both_orders(*pair)
    assert one == other

    def last_wins(tx, rows):
        for row in rows:
            tx.execute(views.HANDSETS.delete().where(views.HANDSETS.c.number == row["number"]))
            tx.execute(views.HANDSETS.insert(), row)

    monkeypatch.setattr(views, "fold_observations", last_wins)
    (one, one_ledger), (other, other_ledger) = states_of_both_orders(*pair)
    assert one_ledger == other_ledger == one != other


@pytest.mark.parametrize("field", ["handset", "operator_id", "status", "sent_as"])
def test_a_key_that_ignores_what_a_receipt_says_would_be_noticed(monkeypatch, field):
    other_word = {"handset": "motol7c", "operator_id": "31004", "status": "Rejected", "sent_as": "SMS"}[field]
    pair = (receipt(), receipt(**{field: other_word}))
    one, other = states_of_both_orders(*pair)
    assert one == other
    narrow = property(lambda p: f"{p.code}|{p.tracking_id}|{p.to}|{p.timestamp}")
    monkeypatch.setattr(sinch_mms.Postback, "key", narrow)
    one, other = states_of_both_orders(*pair)
    assert one != other
