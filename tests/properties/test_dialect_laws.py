"""Laws of the dialect: what is written can be read, and what cannot be read is refused in one way."""

import json

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from planner import errors, identify
from planner.dialects import sinch_mms
from planner.dialects.sinch_mms import Generation
from tests.properties import postback_strategies as world


def decoded(decode, document):
    """What a decoder makes of something: a value, or the one error that is documented."""
    try:
        return decode(document)
    except errors.PayloadError as error:
        return None if error.where else pytest.fail("the error names no place")


@given(world.postbacks(), st.sampled_from(Generation))
def test_a_postback_that_is_written_in_any_generation_reads_the_same(postback, generation):
    document = json.loads(json.dumps(sinch_mms.encode_postback(postback, generation), allow_nan=False))
    assert sinch_mms.decode_postback(document) == postback


@given(world.acknowledgements())
def test_an_answer_that_is_written_reads_the_same(answer):
    document = json.loads(json.dumps(sinch_mms.encode_acknowledgement(answer), allow_nan=False))
    assert sinch_mms.decode_acknowledgement(document) == answer


@given(world.requests())
def test_a_request_that_is_written_reads_the_same(request):
    document = json.loads(json.dumps(sinch_mms.encode_request(request), allow_nan=False))
    assert sinch_mms.decode_request(document) == request


@given(st.binary() | st.text() | world.damaged_bodies())
@example(b'{"code": "N102", "odd": ' + b"[" * 900 + b"]" * 900 + b"}")
@example(b"[" * 200_000)
@example(b'{"code": "N102", "odd": 1e999}')
@example(b'{"code": "N102", "odd": ' + b"9" * 5_000 + b"}")
@example(b'\xef\xbb\xbf{"code": "N102", "to": "15555550123"}')
@example(b'{"code": "N102", "\xed\xa0\x80": "\xed\xa0\x80"}')
def test_any_body_is_a_postback_or_a_payload_error(body):
    postback = decoded(sinch_mms.parse_postback, body)
    if postback is not None:
        assert_harmless(postback)


@given(world.DOCUMENTS | world.JSON)
@example({"code": "N102", "odd": {1, 2}})
@example({"code": "N102", "odd": {"a": 1, 2: "b"}})
@example({"code": "N102", "odd": float("nan")})
@example({"code": "N102", "to": float("inf")})
@example({"code": 10**5_000})
def test_any_json_is_a_postback_or_a_payload_error(document):
    postback = decoded(sinch_mms.decode_postback, document)
    if postback is not None:
        assert_harmless(postback)


@given(world.DOCUMENTS)
def test_any_json_is_an_answer_or_a_payload_error(document):
    answer = decoded(sinch_mms.decode_acknowledgement, document)
    if answer is not None:
        assert sinch_mms.decode_acknowledgement(sinch_mms.encode_acknowledgement(answer)) == answer


@given(world.REQUEST_DOCUMENTS | world.DOCUMENTS)
@example({"action": "sendsavedmms", "custom-slides": {"slide": 1}})
@example({"action": "sendsavedmms", "custom-slides": [{"slide": 1, "message-text": "\ud800"}]})
def test_any_json_is_a_request_or_a_payload_error_or_has_faults(document):
    try:
        request = decoded(sinch_mms.decode_request, document)
    except errors.LintError as error:
        request = None if error.faults else pytest.fail("the error has no faults")
    if request is not None:
        again = sinch_mms.encode_request(request)
        assert sinch_mms.encode_request(sinch_mms.decode_request(again)) == again


@given(world.NEARLY_POSTBACKS, st.sampled_from(Generation))
@example({"code": "N102", "trackingid": "a", "tracking-id": "b"}, Generation.JSON)
@example({"code": "N102", "tracking-id": "a", "TRACKINGID": "b"}, Generation.V1_3)
@example({"code": "N102", "handset": "", "HANDSET": "x", "Handset": "y"}, Generation.JSON)
def test_whatever_was_read_can_be_written_and_read_again_without_loss(document, generation):
    postback = decoded(sinch_mms.decode_postback, document)
    assume(postback is not None)
    again = sinch_mms.decode_postback(sinch_mms.encode_postback(postback, generation))
    assert again == postback
    assert again.key == postback.key


@given(world.NEARLY_POSTBACKS | world.postbacks().map(sinch_mms.encode_postback), st.integers(10**13, 10**17))
def test_what_may_be_stored_holds_no_serial_number_and_is_the_same_postback(document, imei):
    agent = f"SonyEricssonK700i/R2N SN{imei} Profile/MIDP-2.0"
    told = {"handset": agent, "os": agent, "status-details": agent, "x": [agent, imei, {"y": float(imei)}]}
    known = {name: value for name, value in document.items() if str(imei) not in json.dumps([name, value])}
    postback = decoded(sinch_mms.decode_postback, known | told)
    assume(postback is not None)
    stored = sinch_mms.redacted(postback)
    assert str(imei) not in json.dumps(sinch_mms.encode_postback(stored))
    assert sinch_mms.redacted(stored) == stored
    assert stored.key == postback.key
    assert stored.observations() == postback.observations()


def assert_harmless(postback):
    """What can be asked of a postback has an answer, and its body is JSON that a database can hold."""
    assert postback.event.code == postback.code
    assert postback.at is None or postback.at.utcoffset().total_seconds() == 0
    for observation in postback.observations():
        assert observation.string == identify.clean(observation.string)
        observation.string.encode()  # a lone surrogate cannot be stored
    stored = sinch_mms.redacted(postback)
    body = json.dumps(sinch_mms.encode_postback(stored), allow_nan=False)
    assert body.isascii()
    assert sinch_mms.parse_postback(body) == stored
