"""The stories of the product: receive, plan, hint, record, rebuild."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from planner import errors, flows, identify
from planner.dialects.events import MessageState
from planner.flows import Received
from planner.handsets import State
from planner.messages import Media, Message, Slide
from planner.msisdn import Msisdn
from planner.observations import Observation, Source
from planner.plans import Channel, Plan, Reason
from planner.policies import Form, OsClass, Policy
from planner.store import Store, ledgers, views
from tests.cases import postbacks as recorded
from tests.store import NOW, NUMBER, receipt, state, take

PHONES = identify.default_identifier()
MESSAGE = Message(
    slides=[
        Slide(text="See you on Friday"),
        Slide(calendar=Media("https://media.example.com/a.ics", bytes=1200, content_type="text/calendar")),
    ],
    fallback_text="Your appointment:",
    sender="61234",
)
RARE = "15550001111"
"""A number that stands nowhere else, to be found again in the bytes of a file."""


@pytest.fixture
def store():
    with Store("sqlite://") as store:
        yield store


def plan(store: Store, to: str = NUMBER, message: Message = MESSAGE, **more) -> Plan:
    return flows.plan(store, PHONES, message, Policy(), to=to, **{"as_of": NOW} | more)


def hint(store: Store, string: str, **more) -> identify.Identification:
    return flows.hint(store, PHONES, Msisdn(NUMBER), string, **{"now": NOW} | more)


def visit(store: Store, string: str, at=NOW) -> None:
    """A link visit by a person; the flow that takes them in comes with the pages."""
    with store.transaction() as tx:
        flows._learn(tx, PHONES, [Observation(Msisdn(NUMBER), Source.HIT, string, at)], at)


def record(store: Store, planned: Plan, answer: object, **more):
    return flows.record(store, planned, answer, **{"account": "default", "now": NOW} | more)


def events(store: Store) -> list[dict]:
    with store.transaction() as tx:
        return [dict(row) for row in tx.execute(sa.select(ledgers.EVENTS)).mappings()]


def sends(store: Store) -> dict[str, MessageState]:
    with store.transaction() as tx:
        rows = tx.execute(sa.select(views.SENDS)).mappings().all()
    return {row["tracking_id"]: MessageState(row["state"]) for row in rows}


# Receive.


def test_what_was_received_teaches_and_is_counted(store):
    counted = take(store, *recorded.receipts())
    assert counted == Received(taken=30, repeated=0, unknown_codes=0, taught=15, aside=0)
    assert [row["kind"] for row in events(store)].count("inbound") == 2
    assert len(events(store)) == 30


def test_a_repeat_is_counted_and_changes_nothing(store):
    take(store, *recorded.receipts())
    before = state(store)
    counted = take(store, *recorded.receipts(), now=NOW + timedelta(days=2))
    assert counted == Received(taken=30, repeated=30)
    assert state(store) == before
    assert len(events(store)) == 30


def test_a_repeat_inside_one_batch_is_counted_too(store):
    assert take(store, receipt(), receipt(), receipt("15555550124")) == Received(
        taken=3, repeated=1, taught=2
    )


def test_the_same_receipt_of_two_accounts_is_no_repeat_and_teaches_once(store):
    assert take(store, receipt(), account="a") == Received(taken=1, taught=1)
    assert take(store, receipt(), account="b") == Received(taken=1, taught=0)


def test_an_unknown_code_is_kept_and_counted_and_its_handset_is_believed(store):
    counted = take(store, receipt(code="N777"), receipt(code="N777", tracking_id="other"))
    assert (counted.taken, counted.unknown_codes, counted.taught) == (2, 2, 1)
    assert [(row["code"], row["state"]) for row in events(store)] == [("N777", 0), ("N777", 0)]
    assert json.loads(events(store)[0]["body"])["code"] == "N777"
    assert plan(store).os_class is OsClass.IOS
    assert take(store, receipt(code="N777")).unknown_codes == 0  # a repeat is a repeat


def test_a_tracking_id_that_nobody_knows_teaches(store):
    assert plan(store).state is State.UNKNOWN
    take(store, receipt(tracking_id="never seen"))
    assert plan(store).os_class is OsClass.IOS
    assert sends(store) == {"never seen": MessageState.DELIVERED}


def test_the_body_of_a_postback_is_kept_with_its_unknown_fields(store):
    take(store, receipt(aggregator_id="11111-22222", flags=[1, None]))
    (row,) = events(store)
    assert json.loads(row["body"]) == receipt(aggregator_id="11111-22222", flags=[1, None])


@pytest.mark.parametrize("step", ["fold_events", "fold_observations", "put_meanings"])
def test_an_error_in_the_middle_of_receiving_leaves_nothing(store, monkeypatch, step):
    take(store, receipt("15555550124", handset="motol7c"))
    before = state(store)

    def fail(*_):
        raise RuntimeError(step)

    with monkeypatch.context() as broken:
        broken.setattr(views, step, fail)
        with pytest.raises(RuntimeError, match=step):
            take(store, receipt(), receipt("15555550125"))
    assert state(store) == before
    assert len(events(store)) == 1
    assert take(store, receipt(), receipt("15555550125")) == Received(taken=2, taught=2)


@pytest.mark.parametrize("said", [{"code": "N401"}, {"code": "N888"}, {"code": "N102"}])
def test_what_a_person_sent_is_inbound_whatever_its_code(store, said):
    take(store, {"origin": "MMS_MO", "from": NUMBER, "to": "61234", "tracking-id": "MO"} | said)
    assert [(row["kind"], row["number"]) for row in events(store)] == [("inbound", int(NUMBER))]
    assert sends(store) == {}
    state(store)


def test_receiving_nothing_is_nothing(store):
    assert take(store) == Received()


COUNTS = st.builds(Received, *[st.integers(0, 9)] * 5)


@given(COUNTS, COUNTS)
def test_counts_of_batches_add_up(one, other):
    both = one + other
    assert (both.taken, both.aside) == (one.taken + other.taken, one.aside + other.aside)
    assert both == other + one
    assert one + Received() == one


def test_serial_numbers_of_phones_are_in_no_table(tmp_path):
    imei, path = "356612345678901", tmp_path / "planner.db"
    agents = [
        f"SonyEricssonK700i/R2N SN{imei} Browser/SEMC-Browser/4.0.1 Profile/MIDP-2.0",
        f"Nokia6230/SN{imei}",
        f"LG-C900 35-661234-567890-1 {imei}",
        f"SAMSUNG-SGH-E250[TF{imei}000000]",
    ]

    def places() -> bytes:
        return b"".join(file.read_bytes() for file in sorted(tmp_path.iterdir()))

    with Store(f"sqlite:///{path}") as store:
        for n, agent in enumerate(agents):
            numbered = {"to": str(int(RARE) + n), "tracking-id": str(n)}
            take(store, receipt(handset=agent) | numbered, receipt(os=agent, handset=None) | numbered)
            take(store, receipt(code="N777", status_details=agent, seen=[{"by": agent}]) | numbered)
            take(store, receipt(imei=int(imei), HANDSET=agent) | numbered)
            hint(store, agent)
        record(store, plan(store, RARE), recorded.load("ack-sendmms-success"))
        assert RARE.encode() in places()  # what is stored can be found in the bytes, the log included
        assert imei[:14].encode() not in places()
        assert b"35-661234" not in places()
    assert RARE.encode() in places()
    assert b"SonyEricssonK700i/R2N" in places()
    assert imei[:14].encode() not in places()


# Hints.


def test_a_hint_is_believed_when_nothing_else_is_known(store):
    assert hint(store, "iPhoneOS").os_family == "ios"
    known = plan(store)
    assert (known.os_class, known.state, known.evidence[0].source) == (OsClass.IOS, State.KNOWN, "hint")


def test_a_hint_that_names_no_phone_is_kept_and_changes_no_plan(store):
    before = plan(store)
    assert hint(store, "Default").os_family is None
    assert plan(store) == before
    assert [o.string for o in store.handset(Msisdn(NUMBER)).evidence] == ["Default"]


@pytest.mark.parametrize("source", ["receipt", "hit"])
@pytest.mark.parametrize("hint_first", [True, False])
def test_a_hint_is_beaten_by_a_receipt_and_by_a_hit_even_by_an_older_one(store, source, hint_first):
    def tell():
        if source == "receipt":
            take(store, receipt(handset="iPhoneOS", timestamp="2026-10-01T00:00:00Z"))
        else:
            visit(store, "iPhoneOS", NOW - timedelta(days=40))

    steps = [lambda: hint(store, "SM-G900F"), tell]
    for step in steps if hint_first else reversed(steps):
        step()
    known = plan(store)
    assert known.os_class is OsClass.IOS
    assert [witness.source for witness in known.evidence] == [source, "hint"]


def test_a_hint_is_no_receipt_for_the_next_account_or_message(store):
    hint(store, "iPhoneOS")
    assert events(store) == []
    assert sends(store) == {}


# Record.

ACCEPTED = recorded.load("ack-sendmms-success")
REFUSED = recorded.load("ack-failure-E113")


def test_an_accepted_message_has_a_state_that_postbacks_move_up(store):
    answer = record(store, plan(store), ACCEPTED)
    assert (answer.accepted, answer.tracking_id) == (True, "Xy4kQp-a1B2-C3d")
    assert sends(store) == {answer.tracking_id: MessageState.ACCEPTED}
    take(store, recorded.load("postback-N101-mms"))
    assert sends(store) == {answer.tracking_id: MessageState.SENT}
    take(store, recorded.load("postback-N102-mms"))
    assert sends(store) == {answer.tracking_id: MessageState.DELIVERED}
    state(store)


def test_an_answer_that_comes_after_its_postbacks_does_not_move_the_state_down(store):
    take(store, recorded.load("postback-N102-mms"))
    record(store, plan(store), ACCEPTED)
    assert sends(store) == {"Xy4kQp-a1B2-C3d": MessageState.DELIVERED}


def test_a_refused_message_is_kept_with_its_code_and_has_no_state(store):
    answer = record(store, plan(store), REFUSED)
    assert (answer.accepted, answer.code) == (False, "E113")
    (row,) = events(store)
    assert (row["kind"], row["code"], row["state"]) == ("answer", "E113", MessageState.REFUSED)
    assert (row["number"], row["event_at"], row["tracking_id"]) == (int(NUMBER), NOW, "")
    assert sends(store) == {}


def test_the_same_answer_twice_is_kept_once(store):
    planned = plan(store)
    again = Plan.from_dict(json.loads(json.dumps(planned.to_dict())))
    capitals = {"STATUS": "SUCCESS"} | {key: value for key, value in ACCEPTED.items() if key != "status"}
    for told in (planned, again):
        for answer in (ACCEPTED, capitals):
            record(store, told, answer, now=NOW + timedelta(hours=1))
    assert len(events(store)) == 1
    record(store, planned, ACCEPTED | {"tracking-id": "another"})
    assert len(events(store)) == 2


def test_what_was_recorded_can_be_read_again_with_its_plan(store):
    planned = plan(store)
    record(store, planned, ACCEPTED)
    kept = json.loads(events(store)[0]["body"])
    assert Plan.from_dict(kept["plan"]) == planned
    assert kept["plan"]["request"] == planned.request
    assert kept["answer"] == ACCEPTED


@pytest.mark.parametrize(
    "answer", [None, "Success", [], {}, {"status": "Maybe"}, {"status": "Success", "to": []}, {"a": {1, 2}}]
)
def test_an_answer_that_is_none_is_refused_and_nothing_is_kept(store, answer):
    planned = plan(store)
    with pytest.raises(errors.PayloadError):
        record(store, planned, answer)
    assert events(store) == []


def test_an_answer_to_a_plan_for_nobody_is_refused(store):
    nobody = Plan.from_dict(plan(store).to_dict() | {"to": None})
    with pytest.raises(errors.NumberError) as caught:
        record(store, nobody, ACCEPTED)
    assert caught.value.where == "plan.to"
    assert events(store) == []


# Plan.


def forms(planned: Plan) -> dict[str, Form]:
    return {o.kind: o.form for o in planned.objects}


def test_what_was_learnt_changes_the_plan(store):
    unknown = plan(store)
    assert (unknown.state, forms(unknown)) == (State.UNKNOWN, {"calendar": Form.LINK})
    assert Reason.NO_EVIDENCE in unknown.reasons
    take(store, receipt(handset="iPhoneOS"))
    known = plan(store)
    assert (known.state, forms(known)) == (State.KNOWN, {"calendar": Form.ATTACHMENT})
    assert known.reasons == (Reason.SEED_IOS, Reason.FITS)
    (witness,) = known.evidence
    assert (witness.source, witness.string, witness.device) == ("receipt", "iPhoneOS", known.device)


def test_a_plan_is_made_of_the_same_bytes_twice(store):
    take(store, *recorded.receipts())
    one, other = plan(store), plan(store)
    assert one == other
    assert json.dumps(one.to_dict()).encode() == json.dumps(other.to_dict()).encode()
    assert one.explain() == other.explain()
    later = plan(store, as_of=NOW + timedelta(seconds=1))
    assert json.dumps(later.to_dict()) != json.dumps(one.to_dict())


@pytest.mark.parametrize("to", ["+1 (555) 555-0123", "0015555550123", 15555550123])
def test_a_recipient_may_be_written_in_any_way(store, to):
    take(store, receipt())
    assert plan(store, to) == plan(store)


@pytest.mark.parametrize("to", ["", "12", "555-0123 x5", None, "１５５５５５５０１２３"])  # noqa: RUF001 - digits that are no ASCII
def test_a_recipient_that_is_no_number_is_refused(store, to):
    with pytest.raises(errors.NumberError):
        plan(store, to)


def test_the_carrier_that_the_caller_knows_goes_before_that_of_the_receipts(store):
    take(store, receipt(operator_id="31003"))
    by_receipt = plan(store).size.limit_wire_bytes
    assert plan(store, operator_id="31003").size.limit_wire_bytes == by_receipt
    limits = {plan(store, operator_id=i).size.limit_wire_bytes for i in ("31002", "31003", "31004", "")}
    assert len(limits) > 1


def test_a_message_with_faults_is_refused_with_all_of_them(store):
    faulty = Message(slides=[Slide(), Slide(pdf=Media("ftp://x"))], fallback_text="Look:")
    with pytest.raises(errors.LintError) as caught:
        plan(store, message=faulty)
    assert len(caught.value.faults) >= 2


def test_personal_fields_fill_every_text(store):
    personal = Message(
        slides=[Slide(text="Hello {{name}}")],
        subject="For {{ name }}",
        fallback_text="{{name}}, see {{what}}:",
    )
    planned = plan(store, message=personal, personal={"name": "Ada", "what": "this"})
    assert planned.request["slide"] == [{"message-text": "Hello Ada"}]
    assert planned.request["message-subject"] == "For Ada"
    assert planned.request["fallback-sms-text"] == "Ada, see this:"
    with pytest.raises(errors.LintError, match="what"):
        plan(store, message=personal, personal={"name": "Ada"})
    with pytest.raises(errors.LintError, match="name"):
        plan(store, message=personal)


def test_a_personal_text_that_grows_too_long_is_refused_like_any_other(store):
    personal = Message(slides=[Slide(text="Hello {{name}}")], fallback_text="Hello:")
    assert plan(store, message=personal, personal={"name": "x" * 4_900}).channel is Channel.MMS
    with pytest.raises(errors.LintError, match="E334"):
        plan(store, message=personal, personal={"name": "x" * 5_000})


def test_old_evidence_is_stale_and_treated_as_unknown(store):
    take(store, receipt(timestamp="2026-10-01T00:00:00Z"))
    aged = plan(store, as_of=NOW + timedelta(days=400))
    assert (aged.state, aged.os_class, forms(aged)) == (
        State.STALE,
        OsClass.UNKNOWN,
        {"calendar": Form.LINK},
    )


# A store that cannot be asked.


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE handsets",
        "UPDATE handsets SET observed_at = 'yesterday'",
        "UPDATE handsets SET source = 77",
        "DELETE FROM strings",
    ],
)
def test_a_damaged_store_gives_the_plan_for_an_unknown_phone(store, damage):
    unknown = plan(store)
    take(store, receipt())
    with store.transaction() as tx:
        tx.exec_driver_sql(damage)
    planned = plan(store)
    assert planned.reasons == (Reason.STORE_UNAVAILABLE, *unknown.reasons)
    assert (planned.state, planned.request) == (State.UNKNOWN, unknown.request)
    with pytest.raises(errors.ConfigurationError):
        plan(store, on_error="raise")


def test_a_file_that_is_gone_gives_the_plan_for_an_unknown_phone_and_stays_gone(tmp_path):
    path = tmp_path / "planner.db"
    with Store(f"sqlite:///{path}") as store:
        take(store, receipt())
        path.unlink()
        assert Reason.STORE_UNAVAILABLE in plan(store).reasons
        assert not path.exists()


def test_rebuilding_gives_the_state_before_and_after(tmp_path):
    path = tmp_path / "planner.db"
    with Store(f"sqlite:///{path}") as store:
        take(store, *recorded.receipts())
        good = state(store)
        with closing(sqlite3.connect(path)) as other:
            other.execute("DELETE FROM handsets")
            other.commit()
        before, after = flows.rebuild(store, PHONES)
        assert before != after == good
        assert flows.rebuild(store, PHONES) == (good, good)
