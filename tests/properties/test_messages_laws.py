"""Laws of messages: reading and writing are inverse, and no document whatever does harm."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import content, errors, messages
from planner.policies import Policy
from tests.properties import strategies as some

HINTS = {"bytes", "content-type", "width", "height", "seconds"}


def strings_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in (
        [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    ):
        yield from strings_in(inner)


@given(some.full_messages())
def test_reading_what_was_written_gives_the_message(message):
    assert messages.Message.from_dict(message.to_dict()) == message
    assert messages.Message.from_dict(json.loads(json.dumps(message.to_dict()))) == message


@given(some.full_messages())
def test_without_hints_only_addresses_are_written(message):
    document = message.to_dict(hints=False)
    files = [slide[kind] for slide in document["slide"] for kind in messages.FILE_KINDS if kind in slide]
    assert all(file.keys() == {"url"} for file in files)
    assert len(files) == sum(1 for slide in message.slides for _ in slide.files())
    hinted = message.to_dict()
    for slide in hinted["slide"]:
        for kind in messages.FILE_KINDS:
            for hint in HINTS:
                slide.get(kind, {}).pop(hint, None)
    assert hinted == document


def without_nulls(value: object) -> object:
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return value


@given(some.requests(lambda right: right, some.CLEAN_JSON))
def test_writing_what_was_read_gives_the_request_less_what_only_an_action_needs(request):
    for slide in request.get("slide", []):
        for kind in messages.FILE_KINDS:
            if kind in slide:
                slide[kind].setdefault("url", "https://media.example.com/b")
    expected = {key: value for key, value in request.items() if key not in {"action", "mms-id"}}
    expected |= {key: str(expected[key]) for key in ("to", "from") if key in expected}
    expected.setdefault("slide", [])
    if expected.get("disable-fallback-sms") is False:
        del expected["disable-fallback-sms"]
    assert messages.Message.from_dict(request).to_dict() == expected


@given(some.requests(some.maybe, some.CLEAN_JSON))
def test_null_is_a_field_that_is_not_there(request):
    slides = request.get("slide") or []
    request["slide"] = [slide for slide in slides if slide]
    for slide in request["slide"]:
        for kind in messages.FILE_KINDS:
            if slide.get(kind) is not None:
                slide[kind]["url"] = "https://media.example.com/b"
        slide.pop("odd", None)
    request.pop("odd", None)
    assert messages.Message.from_dict(without_nulls(request)) == messages.Message.from_dict(request)


@given(some.JSON | some.DOCUMENT)
def test_any_document_is_a_message_or_has_faults_that_can_be_shown(document):
    faults = content.lint_document(document, Policy(), fields=("name",), as_of=some.NOW)
    shapes = messages.read(document)[1]
    assert set(shapes) <= set(faults)
    if shapes:
        with pytest.raises(errors.LintError) as refused:
            messages.Message.from_dict(document)
        assert refused.value.faults == shapes
        assert str(refused.value).encode()  # a lone surrogate could not be printed
    for fault in faults:
        assert "\n".join(fault.to_dict().values()).encode()
        assert json.dumps(fault.to_dict())
        assert len(fault.where) < 200
        assert fault.problem
        assert fault.advice


@given(some.JSON | some.DOCUMENT)
def test_what_was_read_can_be_stored_and_printed(request):
    message, _ = messages.read(request)
    for string in strings_in(message.to_dict()):
        assert "\x00" not in string
        assert string.encode().decode() == string
    assert messages.Message.from_dict(message.to_dict()).hash == message.hash


@given(st.binary(max_size=60) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_json_or_one_error_with_its_place(body):
    try:
        expected = json.loads(body.decode("utf-8-sig"), parse_constant=int)
    except ValueError:
        with pytest.raises(
            errors.InputError, match=r"^message\.json: expected JSON in UTF-8, got something else: "
        ):
            messages.parse_json(body, where="message.json")
    else:
        assert messages.parse_json(body, where="message.json") == expected


@given(some.full_messages(), some.TEXT, some.TEXT)
def test_the_hash_tells_content_apart_and_not_recipients(message, to, reference):
    assert replace(message, to=to, client_reference=reference).hash == message.hash
    assert (replace(message, subject=to).hash == message.hash) == (message.subject == to)


@given(some.messages(), st.dictionaries(st.sampled_from(["name", "when"]), some.TEXT))
def test_personal_fields_change_texts_and_nothing_else(message, fields):
    said = message.personal(fields)
    assert [list(slide.files()) for slide in said.slides] == [list(slide.files()) for slide in message.slides]
    if not message.fields():
        assert said == message
