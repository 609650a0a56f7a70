"""The Sinch MMS JSON API, case by case; its laws are in tests/properties/test_dialect_laws.py."""

import json
from datetime import UTC, datetime

import pytest

from planner import errors
from planner.dialects import sinch_mms
from planner.dialects.events import MessageEvent, MessageState
from planner.dialects.sinch_mms import Acknowledgement, Action, Generation, Request
from planner.messages import Media, Message, Slide
from planner.observations import Observation, Source
from tests.cases import postbacks as recorded

NUMBER = "15555550123"
LEGACY = {"postback-N102-legacy-os"}

# File: the state it says, the person's number, the strings and the operator that it teaches.
DECODED = {
    "postback-E002": ("template_failed", None, []),
    "postback-E003": ("template_failed", None, []),
    "postback-E004": ("template_failed", None, []),
    "postback-E011": ("failed", None, []),
    "postback-E012": ("failed", None, []),
    "postback-E013": ("failed", None, []),
    "postback-E101": ("failed", NUMBER, [("", "31003", None)]),
    "postback-E102-rejected": ("failed", NUMBER, [("", "31003", "2026-10-01T12:01:00")]),
    "postback-E102-unrecognised": ("failed", NUMBER, [("", "31003", "2026-10-01T12:01:00")]),
    "postback-E202": ("failed", NUMBER, [("", "31003", "2026-10-01T12:01:30")]),
    "postback-E501": ("failed", NUMBER, [("", "31003", "2020-10-01T12:00:00")]),
    "postback-E502": ("expired", NUMBER, [("", "31003", "2020-10-01T12:00:00")]),
    "postback-E999": ("failed", NUMBER, [("", "31003", "2026-10-01T12:01:30")]),
    "postback-N003": ("template_ready", None, []),
    "postback-N013": ("prepared", None, []),
    "postback-N101-mms": ("sent", NUMBER, [("", "31003", "2026-10-01T12:00:01")]),
    "postback-N101-sms": ("sent", NUMBER, [("", "31003", "2026-10-01T12:00:01")]),
    "postback-N102-legacy-os": (
        "delivered",
        NUMBER,
        [("iPhoneOS", "0001570", "2014-06-07T12:27:34"), ("iOS", "0001570", "2014-06-07T12:27:34")],
    ),
    "postback-N102-legacy-words": ("delivered", NUMBER, [("motol7c", "31003", "2026-10-01T12:00:09")]),
    "postback-N102-mms": ("delivered", NUMBER, [("iPhoneOS", "31003", "2026-10-01T12:00:09")]),
    "postback-N102-mms-android": ("delivered", NUMBER, [("Samsung Galaxy", "31004", "2026-10-01T12:00:09")]),
    "postback-N102-mms-feature-phone": ("delivered", NUMBER, [("motol7c", "31002", "2026-10-01T12:00:09")]),
    "postback-N102-mms-no-handset": ("delivered", NUMBER, [("", "31003", "2026-10-01T12:00:09")]),
    "postback-N102-sms": ("delivered_as_sms", NUMBER, [("", "31003", "2026-10-01T12:00:30")]),
    "postback-N103": ("expired", NUMBER, [("", "31003", "2026-10-04T12:00:01")]),
    "postback-N202": ("delivered_as_sms", NUMBER, [("", "31003", "2026-10-01T12:00:30")]),
    "postback-N401": ("inbound", NUMBER, []),
    "postback-N401-group": ("inbound", NUMBER, []),
    "postback-N501": ("sent", NUMBER, [("", "31003", "2020-10-01T12:00:00")]),
    "postback-N502": ("delivered", NUMBER, [("motol7c", "31003", "2020-10-01T12:00:00")]),
}

DOCUMENTED_CODES = {
    "sending": ["E100", "E101", "E102", "E202", "E999", "N101", "N102", "N103", "N202"],
    "saving": ["E001", "E002", "E003", "E004", "N003"],
    "preparing": ["E011", "E012", "E013", "N013"],
    "receiving": ["N401"],
    "discovering": ["E501", "E502", "N501", "N502"],
}


def decode(**fields):
    """A postback with these fields; `N102` to a person unless they say something else."""
    spelled = {sinch_mms.FIELDS.get(name, name): value for name, value in fields.items()}
    document = {"code": "N102", "to": NUMBER} | spelled
    return sinch_mms.decode_postback({name: value for name, value in document.items() if value is not None})


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


# Postbacks.


def test_every_recorded_postback_has_its_row_in_the_table():
    assert sorted(DECODED) == sorted(recorded.names("postback"))


@pytest.mark.parametrize("name", DECODED)
def test_a_recorded_postback_says_what_the_table_says(name):
    state, number, taught = DECODED[name]
    document = recorded.load(name)
    postback = sinch_mms.parse_postback(recorded.body(name))
    tracking_id = document.get("tracking-id") or document["TRACKINGID"]
    assert postback.event == MessageEvent(
        state=MessageState[state.upper()],
        code=document.get("code") or document["CODE"],
        tracking_id=tracking_id,
        number=number,
        sent_as=document.get("sent-as") or document.get("SENTAS", ""),
        client_reference=document.get("client-reference", ""),
    )
    assert postback.observations() == tuple(
        Observation(number, Source.RECEIPT, string, at and datetime.fromisoformat(at + "Z"), operator)
        for string, operator, at in taught
    )


@pytest.mark.parametrize("name", DECODED)
def test_a_recorded_postback_is_written_again_as_it_came(name):
    document = recorded.load(name)
    generation = Generation.V1_3 if name in LEGACY else Generation.JSON
    written = sinch_mms.encode_postback(sinch_mms.decode_postback(document), generation)
    assert written == {key: value for key, value in document.items() if value != ""}


@pytest.mark.parametrize("name", DECODED)
def test_a_recorded_postback_means_the_same_in_capitals_and_without_hyphens(name):
    document = recorded.load(name)
    capitals = {key.replace("-", "").upper(): value for key, value in document.items()}
    squeezed = {key.replace("-", ""): value for key, value in document.items()}
    as_it_came = sinch_mms.decode_postback(document)
    for spelled in (sinch_mms.decode_postback(capitals), sinch_mms.decode_postback(squeezed)):
        assert (spelled.event, spelled.observations()) == (as_it_came.event, as_it_came.observations())
        assert spelled.key == as_it_came.key


def test_every_documented_code_is_understood():
    assert set(sinch_mms.STATE_OF_CODE) == {code for codes in DOCUMENTED_CODES.values() for code in codes}


@pytest.mark.parametrize(
    ("code", "old", "new", "state"),
    [
        ("N101", ["Message Sent"], ["Sent"], "sent"),
        ("N102", ["Message Sent/Delivered"], ["Delivered"], "delivered"),
        ("N103", ["Message Sent/Expired"], ["Expired"], "expired"),
        ("E101", ["Message Failed"], ["Failed"], "failed"),
        ("E102", ["Message Sent/Expired"], [], "expired"),
        (
            "E102",
            ["Message Sent/Rejected", "Message Sent/Failed", "Message Sent/Not Supported"],
            ["Rejected", "Unrecognised"],
            "failed",
        ),
        ("E102", ["Message Sent/NotSupported"], ["REJECTED ", "Unrecognized"], "failed"),
        ("N102", ["Message Sent/Rejected"], ["Rejected"], "failed"),
    ],
)
def test_both_status_vocabularies_say_the_same(code, old, new, state):
    assert {decode(code=code, status=word).state.label for word in [*old, *new]} == {state}


@pytest.mark.parametrize("code", ["N102", "N502"])
def test_what_was_delivered_as_sms_is_not_delivered_as_mms(code):
    assert decode(code=code, sent_as="SMS").state is MessageState.DELIVERED_AS_SMS
    assert decode(code=code, sent_as="sms").state is MessageState.DELIVERED_AS_SMS
    assert decode(code=code, sent_as="MMS").state is MessageState.DELIVERED


def test_a_new_status_word_leaves_the_state_to_the_code():
    assert decode(status="Evaporated").state is MessageState.DELIVERED
    assert decode(code="E102", status="Evaporated").state is MessageState.FAILED


def test_an_unknown_code_is_kept_and_still_teaches_the_carrier():
    postback = decode(code="N999", handset="iPhoneOS", operator_id="31003")
    assert postback.state is MessageState.UNKNOWN
    assert sinch_mms.encode_postback(postback)["code"] == "N999"
    assert [(o.string, o.operator_id) for o in postback.observations()] == [("iPhoneOS", "31003")]


def test_unknown_fields_are_kept_as_they_came():
    document = recorded.load("postback-N401-group") | {
        "aggregator-id": "1-2",
        "flags": [1, None, {"a": True}],
    }
    assert sinch_mms.encode_postback(sinch_mms.decode_postback(document)) == {
        key: value for key, value in document.items() if value != ""
    }


@pytest.mark.parametrize(
    ("came", "kept"),
    [("31003", "31003"), ("310410", "310410"), ("0001570", "0001570"), (31003, "31003"), (31003.0, "31003")],
)
def test_operator_ids_of_all_schemes_are_kept_as_texts(came, kept):
    (observation,) = decode(operator_id=came).observations()
    assert observation.operator_id == kept


@pytest.mark.parametrize("to", ["+1 (555) 555-0123", "0015555550123", 15555550123, 1.5555550123e10])
def test_a_recipient_in_any_spelling_is_the_same_number(to):
    assert decode(to=to).number == NUMBER


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [
        ("2026-04-24T18:34:00Z", "2026-04-24T18:34:00"),
        ("2014-06-07T07:27:34-05:00", "2014-06-07T12:27:34"),
        ("2026-10-01T12:00:09.25+05:30", "2026-10-01T06:30:09.250000"),
        ("2026-10-01T12:00:09", "2026-10-01T12:00:09"),
        ("2026-10-01", "2026-10-01T00:00:00"),
        ("20261001T120009Z", "2026-10-01T12:00:09"),
        ("", None),
        (None, None),
    ],
)
def test_a_time_is_read_in_utc(timestamp, at):
    found = decode(timestamp=timestamp).at
    assert found == (at and datetime.fromisoformat(at).replace(tzinfo=UTC))
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    "timestamp",
    [
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-02-30",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31T23:59:59-10:00",
        "1795010112345",
        1795010112345,
        1795010112,
    ],
)
def test_a_time_that_cannot_be_read_is_a_payload_error_and_never_a_wrong_time(timestamp):
    with pytest.raises(errors.PayloadError) as caught:
        decode(timestamp=timestamp)
    assert caught.value.where == "postback.timestamp"
    assert sinch_mms.Postback("N102", timestamp=str(timestamp)).at is None


def test_handset_and_os_both_teach_and_the_same_word_once():
    said = [o.string for o in decode(handset="iPhoneOS", os="iOS").observations()]
    assert said == ["iPhoneOS", "iOS"]
    assert [o.string for o in decode(handset="iOS", os=" iOS ").observations()] == ["iOS"]


def test_a_receipt_without_handset_says_that_it_named_none():
    assert [o.string for o in decode().observations()] == [""]
    assert [o.string for o in decode(code="N502").observations()] == [""]


def test_a_progress_report_without_handset_and_carrier_teaches_nothing():
    assert decode(code="N101").observations() == ()
    assert decode(code="E101").observations() == ()


@pytest.mark.parametrize("said", [{"code": "N401"}, {"code": "N999", "origin": "MMS_MO"}])
def test_an_inbound_message_is_from_a_person_and_teaches_nothing_about_a_handset(said):
    postback = decode(sender=NUMBER, to="61234", handset="iPhoneOS", **said)
    assert (postback.number, postback.is_inbound, postback.observations()) == (NUMBER, True, ())


@pytest.mark.parametrize("to", ["61234", "5"])
def test_a_postback_about_a_short_code_is_kept_and_is_nobodys_phone(to):
    postback = decode(to=to, handset="iPhoneOS")
    assert (postback.number, postback.observations()) == (None, ())


def test_an_unknown_code_may_be_about_anything():
    assert decode(code="N999", to="somebody@example.com").number is None


def test_what_phones_say_is_cleaned_before_it_teaches():
    agent = "SonyEricssonK700i/R2N SN356612345678901 Profile/MIDP-2.0"
    (observation,) = decode(handset=f' "{agent}\x00" ').observations()
    assert observation.string == "SonyEricssonK700i/R2N SN Profile/MIDP-2.0"


# The key that makes two postbacks the same.


def test_the_same_postback_in_another_spelling_or_zone_has_the_same_key():
    document = recorded.load("postback-N102-mms")
    capitals = {key.replace("-", "").upper(): value for key, value in document.items()}
    zoned = document | {"timestamp": "2026-10-01T07:00:09-05:00", "to": "+1 555 555 0123"}
    keys = {sinch_mms.decode_postback(d).key for d in (document, capitals, zoned)}
    assert len(keys) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"code": "N202"},
        {"tracking-id": "other"},
        {"to": "15555550124"},
        {"timestamp": "2026-10-01T12:00:10Z"},
        {"handset": "Samsung Galaxy"},
        {"os": "iOS"},
        {"operator-id": "31004"},
        {"sent-as": "SMS"},
        {"status": "Rejected"},
        {"client-reference": "appt-2"},
        {"mms-id": "1"},
    ],
)
def test_a_postback_that_says_something_else_has_another_key(changed):
    document = recorded.load("postback-N102-mms")
    assert sinch_mms.decode_postback(document).key != sinch_mms.decode_postback(document | changed).key


def test_the_documented_receipts_that_differ_in_the_handset_alone_are_all_different():
    names = [name for name in recorded.names("postback") if name.startswith("postback-N102-mms")]
    documents = [recorded.load(name) for name in names]
    agreed = {tuple(d[key] for key in ("code", "tracking-id", "to", "timestamp")) for d in documents}
    assert (len(agreed), len(documents)) == (1, 4)
    assert len({sinch_mms.decode_postback(d).key for d in documents}) == 4


# Fields said twice, and what cannot be read.


def test_a_field_that_is_said_twice_counts_once_and_the_other_word_is_kept():
    document = {"code": "N101", "trackingid": "a", "tracking-id": "b", "TRACKINGID": "a", "Tracking_Id": ""}
    postback = sinch_mms.decode_postback(document)
    assert postback.tracking_id == "a"
    assert postback.extra == (("tracking-id", '"b"'),)
    for generation in Generation:
        assert sinch_mms.decode_postback(sinch_mms.encode_postback(postback, generation)) == postback


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "postback"),
        (b"\xff\xfe\xfd", "postback"),
        (b"N102", "postback"),
        (b"null", "postback"),
        (b"[]", "postback"),
        (b'"N102"', "postback"),
        (b"{}", "postback.code"),
        (b'{"code": ""}', "postback.code"),
        (b'{"code": null}', "postback.code"),
        (b'{"code": "\\u0000"}', "postback.code"),
        (b'{"code": true}', "postback.code"),
        (b'{"code": ["N102"]}', "postback.code"),
        (b'{"code": "N102", "to": "0123456789"}', "postback.to"),
        (b'{"code": "N102", "to": "not a number"}', "postback.to"),
        (b'{"code": "N102", "HANDSET": {"brand": "Apple"}}', "postback.HANDSET"),
        (b'{"code": "N102", "handset": "\\ud83d"}', "postback.handset"),
        (b'{"code": NaN}', "postback"),
        (b'{"code": "N102", "to": 1e999}', "postback.to"),
        (b'{"code": "N102", "odd": 1e999}', "postback"),
        ('{"code": "N102"', "postback"),
        pytest.param(b'{"code": "N102", "odd": ' + nested(40) + b"}", "postback", id="40 levels"),
        pytest.param(b'{"code": "N102", "odd": ' + nested(900) + b"}", "postback", id="900 levels"),
        pytest.param(b'{"code": ' + nested(900) + b"}", "postback.code", id="900 levels of code"),
        pytest.param(nested(100_000), "postback", id="100,000 levels"),
        pytest.param(b'{"code": "N102", "odd": ' + b"9" * 5_000 + b"}", "postback", id="5,000 digits"),
    ],
)
def test_garbage_is_a_payload_error_that_says_where(body, where):
    with pytest.raises(errors.PayloadError) as caught:
        sinch_mms.parse_postback(body)
    assert caught.value.where == where


@pytest.mark.parametrize("decode", [sinch_mms.decode_postback, sinch_mms.decode_acknowledgement])
@pytest.mark.parametrize(
    "odd",
    [
        {1, 2},
        b"bytes",
        {"a": 1, 2: "b"},
        datetime(2026, 1, 1, tzinfo=UTC),
        float("nan"),
        pytest.param(10**5_000, id="huge"),
    ],
)
def test_a_python_value_that_is_no_json_is_a_payload_error(decode, odd):
    with pytest.raises(errors.PayloadError):
        decode({"code": "N102", "status": "Success", "odd": odd})
    with pytest.raises(errors.PayloadError):
        decode({"code": "N102", "status": "Success", "mms-id": odd})


def test_an_inbound_message_from_a_nameless_sender_is_kept():
    postback = decode(code="N401", sender="", to="61234")
    assert (postback.state, postback.number) == (MessageState.INBOUND, None)


# What may be stored.


def test_what_is_stored_names_no_serial_number_wherever_it_stood():
    imei = "356612345678901"
    postback = decode(
        handset=f"SonyEricssonK700i/R2N SN{imei} Profile/MIDP-2.0",
        os=f"iOS [TF{imei}]",
        status_details=f"Retrieved by Nokia6230/SN{imei}",
        imei=int(imei),
        deep=[{"agent": f"LG-C900 {imei}", "number": float(imei), "fine": [None, True, 12]}],
    )
    stored = sinch_mms.encode_postback(sinch_mms.redacted(postback))
    assert imei in json.dumps(sinch_mms.encode_postback(postback))
    assert imei not in json.dumps(stored)
    assert stored["deep"][0]["fine"] == [None, True, 12]
    assert stored["handset"] == "SonyEricssonK700i/R2N SN Profile/MIDP-2.0"


# Answers.

ANSWERS = {
    "ack-failure-E100": (False, "E100", ""),
    "ack-failure-E104": (False, "E104", ""),
    "ack-failure-E111": (False, "E111", ""),
    "ack-failure-E113": (False, "E113", ""),
    "ack-failure-E626": (False, "E626", ""),
    "ack-savemms-success": (True, "", "Mn8rTs-e5F6-G7h"),
    "ack-sendmms-success": (True, "", "Xy4kQp-a1B2-C3d"),
    "ack-sendsavedmms-success": (True, "", "Zz1bYx-j9K0-L1m"),
}


def test_every_recorded_answer_has_its_row_in_the_table():
    assert sorted(ANSWERS) == sorted(recorded.names("ack"))


@pytest.mark.parametrize("name", ANSWERS)
def test_a_recorded_answer_is_read_and_written_again_as_it_came(name):
    answer = sinch_mms.decode_acknowledgement(recorded.load(name))
    assert (answer.accepted, answer.code, answer.tracking_id) == ANSWERS[name]
    assert sinch_mms.encode_acknowledgement(answer) == recorded.load(name)


def test_an_answer_of_the_oldest_generation_is_read():
    document = {"STATUS": "Failure", "ERRORCODE": "E106", "ERRORINFO": "Too fast", "TO": NUMBER, "X": [1]}
    answer = sinch_mms.decode_acknowledgement(document)
    assert answer == Acknowledgement(False, to=NUMBER, code="E106", info="Too fast", extra=(("X", "[1]"),))
    assert sinch_mms.decode_acknowledgement({"status": "success", "trackingid": "T"}).tracking_id == "T"


@pytest.mark.parametrize(
    ("document", "where"),
    [
        (None, "acknowledgement"),
        ([], "acknowledgement"),
        ("Success", "acknowledgement"),
        ({}, "acknowledgement.status"),
        ({"status": None}, "acknowledgement.status"),
        ({"status": 200}, "acknowledgement.status"),
        ({"status": {}}, "acknowledgement.status"),
        ({"status": "Perhaps"}, "acknowledgement.status"),
        ({"status": "Success", "tracking-id": ["T"]}, "acknowledgement.tracking-id"),
    ],
)
def test_what_is_no_answer_is_a_payload_error_that_says_where(document, where):
    with pytest.raises(errors.PayloadError) as caught:
        sinch_mms.decode_acknowledgement(document)
    assert caught.value.where == where


# Requests.

ACTIONS = {
    "request-savemms": Action.SAVEMMS,
    "request-sendmms": Action.SENDMMS,
    "request-sendmms-group": Action.SENDMMS,
    "request-sendmms-minimal": Action.SENDMMS,
    "request-sendsavedmms": Action.SENDSAVEDMMS,
}


def test_every_recorded_request_has_its_row_in_the_table():
    assert sorted(ACTIONS) == sorted(recorded.names("request"))


@pytest.mark.parametrize("name", ACTIONS)
def test_a_recorded_request_is_read_and_written_again_without_its_defaults(name):
    document = recorded.load(name)
    request = sinch_mms.decode_request(document)
    assert request.action is ACTIONS[name]
    written = {key: value for key, value in document.items() if value is not False}
    assert sinch_mms.encode_request(request) == written


def test_a_saved_message_is_sent_by_its_id_and_with_its_own_words():
    request = sinch_mms.decode_request(recorded.load("request-sendsavedmms"))
    assert (request.mms_id, request.custom_slides) == ("35674", ((1, "Sam, watch this"),))


@pytest.mark.parametrize("spelled", ["sendMMS", "SENDMMS", "sendmms"])
def test_an_action_is_read_in_any_case(spelled):
    assert sinch_mms.decode_request({"action": spelled}).action is Action.SENDMMS


def test_what_is_known_of_a_file_never_reaches_the_api():
    picture = Media("https://media.example.com/a.jpg", bytes=9, content_type="image/jpeg", width=1, height=1)
    written = sinch_mms.encode_request(Request(Action.SENDMMS, Message(slides=(Slide(image=picture),))))
    assert written["slide"] == [{"image": {"url": "https://media.example.com/a.jpg"}}]


@pytest.mark.parametrize(
    ("document", "where"),
    [
        (None, "request"),
        ([], "request"),
        ({}, "request.action"),
        ({"action": "deletemms"}, "request.action"),
        ({"action": None}, "request.action"),
        ({"action": "sendmms", "odd": json.loads(nested(900))}, "request"),
        ({"action": json.loads(nested(900))}, "request"),
        ({"action": "sendsavedmms", "mms-id": ["1"]}, "request.mms-id"),
        ({"action": "sendsavedmms", "custom-slides": {"slide": 1}}, "request.custom-slides"),
        ({"action": "sendsavedmms", "custom-slides": "one"}, "request.custom-slides"),
        ({"action": "sendsavedmms", "custom-slides": ["one"]}, "request.custom-slides"),
        ({"action": "sendsavedmms", "custom-slides": [{"slide": 1}]}, "request.custom-slides"),
        (
            {"action": "sendsavedmms", "custom-slides": [{"slide": True, "message-text": "a"}]},
            "request.custom-slides",
        ),
        (
            {"action": "sendsavedmms", "custom-slides": [{"slide": 1, "message-text": "\ud83d"}]},
            "request.custom-slides",
        ),
    ],
)
def test_what_is_no_request_is_a_payload_error_that_says_where(document, where):
    with pytest.raises(errors.PayloadError) as caught:
        sinch_mms.decode_request(document)
    assert caught.value.where == where


def test_wrong_shapes_inside_a_request_are_told_all_together():
    document = {"action": "sendmms", "to": [], "slide": [{"image": "a.jpg"}, 7]}
    with pytest.raises(errors.LintError) as caught:
        sinch_mms.decode_request(document)
    assert [fault.where for fault in caught.value.faults] == ["to", "slide[1].image", "slide[2]"]
