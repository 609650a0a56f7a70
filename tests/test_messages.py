"""Messages: the API's own JSON, read strictly and written back.

The laws are in `properties/test_messages_laws.py`.
"""

import json
import pickle
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from planner import content, errors, messages
from planner.messages import Media, Message, Slide
from planner.policies import Policy

DOCUMENT = {
    "to": "15551230000",
    "from": "61234",
    "service-id": "7",
    "name": "spring",
    "message-subject": "Hello",
    "fallback-sms-text": "Look:",
    "disable-fallback-sms": True,
    "disable-fallback-sms-link": True,
    "fallback-sms-link-expiration": "2027-01-31T00:00:00Z",
    "mms-expiry-timestamp": "2026-11-24T00:00:00Z",
    "client-reference": "order 7",
    "to-displayonly": "15551230001,15551230002",
    "from-mask": "Shop",
    "cache-content": True,
    "x-campaign": {"id": 7, "tags": ["a", None, 1.5]},
    "slide": [
        {
            "message-text": "Line one\nline two",
            "duration": 5,
            "image": {
                "url": "https://media.example.com/a.jpg?v=1",
                "bytes": 1000,
                "content-type": "image/jpeg",
                "width": 640,
                "height": 480,
            },
            "audio": {"url": "https://media.example.com/a.mp3", "seconds": 2.5},
            "layout": "top",
        },
        {"contact": {"url": "https://media.example.com/a.vcf"}},
    ],
}
MESSAGE = Message(
    to="15551230000",
    sender="61234",
    service_id="7",
    name="spring",
    subject="Hello",
    fallback_text="Look:",
    disable_fallback=True,
    disable_fallback_link=True,
    fallback_link_expiration="2027-01-31T00:00:00Z",
    expiry="2026-11-24T00:00:00Z",
    client_reference="order 7",
    display_only="15551230001,15551230002",
    sender_mask="Shop",
    cache_content=True,
    extra=(("x-campaign", '{"id": 7, "tags": ["a", null, 1.5]}'),),
    slides=(
        Slide(
            text="Line one\nline two",
            duration_s=5,
            image=Media("https://media.example.com/a.jpg?v=1", 1000, "image/jpeg", 640, 480),
            audio=Media("https://media.example.com/a.mp3", seconds=2.5),
            extra=(("layout", '"top"'),),
        ),
        Slide(contact=Media("https://media.example.com/a.vcf")),
    ),
)


def faults_of(document: object) -> dict[str, str]:
    with pytest.raises(errors.LintError) as refused:
        Message.from_dict(document)
    return {fault.where: fault.problem for fault in refused.value.faults}


def nested(depth: int) -> object:
    value: object = 0
    for _ in range(depth):
        value = [value]
    return value


# Reading and writing.


def test_every_field_of_the_api_is_read():
    assert Message.from_dict(DOCUMENT) == MESSAGE


def test_every_field_is_written_back():
    assert MESSAGE.to_dict() == DOCUMENT


def test_hints_never_reach_the_api():
    written = json.dumps(MESSAGE.to_dict(hints=False))
    assert MESSAGE.to_dict(hints=False)["slide"][0]["image"] == {"url": "https://media.example.com/a.jpg?v=1"}
    assert not [hint for hint in ("bytes", "content-type", "width", "height", "seconds") if hint in written]


@pytest.mark.parametrize("kind", messages.FILE_KINDS)
def test_each_kind_of_file_is_read_and_written_under_its_own_name(kind):
    document = {"slide": [{kind: {"url": "https://media.example.com/x", "bytes": 5}}]}
    message = Message.from_dict(document)
    assert [(found, file.bytes) for found, file in message.slides[0].files()] == [(kind, 5)]
    assert message.to_dict() == document


def test_unknown_fields_of_message_and_slide_are_kept_and_sent_on():
    document = {"priority": 1, "slide": [{"message-text": "Hi", "region": {"top": True}}]}
    message = Message.from_dict(document)
    assert message.extra == (("priority", "1"),)
    assert message.to_dict(hints=False) == document


def test_what_says_what_to_do_with_a_message_is_no_part_of_it():
    request = {"action": "sendsavedmms", "mms-id": "abc", "custom-slides": [{"slide": 1}], "slide": []}
    assert Message.from_dict(request) == Message()


@pytest.mark.parametrize("value", [False, True])
def test_a_flag_whose_default_is_not_known_is_written_either_way(value):
    assert Message(cache_content=value).to_dict()["cache-content"] is value
    assert Message.from_dict({"cache-content": value}).cache_content is value


def test_null_is_a_field_that_is_not_there():
    document = dict.fromkeys(messages.MESSAGE_FIELDS) | {"slide": [dict.fromkeys(messages.FILE_KINDS)]}
    assert Message.from_dict(document) == Message([Slide()])


@pytest.mark.parametrize("field", ["to", "from", "service-id"])
def test_numbers_may_be_written_as_json_numbers(field):
    assert Message.from_dict({field: 15551230000}).to_dict()[field] == "15551230000"


def test_slides_may_be_given_as_a_list():
    message = Message(slides=[Slide(text="a")])
    assert message == Message(slides=(Slide(text="a"),))
    assert hash(message) == hash(Message(slides=(Slide(text="a"),)))


def test_a_message_is_a_value():
    assert pickle.loads(pickle.dumps(MESSAGE)) == MESSAGE
    assert {MESSAGE, Message.from_dict(DOCUMENT)} == {MESSAGE}


# What is refused.


def test_all_wrong_shapes_and_types_come_together_with_their_places():
    found = faults_of(
        {
            "to": ["15551230000"],
            "from": True,
            "service-id": -5,
            "message-subject": 7,
            "disable-fallback-sms": "yes",
            "cache-content": 1,
            "slide": [
                {"message-text": 5, "duration": 2.5, "image": "https://media.example.com/a.jpg"},
                "a slide",
                {
                    "video": {"bytes": -1, "width": 0, "height": "480", "seconds": 0, "size": 9},
                    "pdf": {"url": 5, "bytes": 2**53, "content-type": None},
                },
                {"contact": {"url": None}},
            ],
        }
    )
    assert found == {
        "to": 'expected a text, got ["15551230000"]',
        "from": "expected a text, got true",
        "service-id": "expected a whole number, 0 or more, got -5",
        "message-subject": "expected a text, got 7",
        "disable-fallback-sms": 'expected true or false, got "yes"',
        "cache-content": "expected true or false, got 1",
        "slide[1].message-text": "expected a text, got 5",
        "slide[1].duration": "expected a whole number, 0 or more, got 2.5",
        "slide[1].image": 'expected an object like {"url": "https://..."}, got "https://media.example.com/a.jpg"',
        "slide[2]": 'expected an object with text or files, got "a slide"',
        "slide[3].video.bytes": "expected a whole number, 0 or more, got -1",
        "slide[3].video.width": "expected a whole number of pixels, 1 or more, got 0",
        "slide[3].video.height": 'expected a whole number, 0 or more, got "480"',
        "slide[3].video.seconds": "expected a number of seconds above 0, got 0",
        "slide[3].video.size": "unknown field of a file",
        "slide[3].video.url": "expected the address of the file, got nothing",
        "slide[3].pdf.url": "expected a text, got 5",
        "slide[3].pdf.bytes": "expected a whole number, 0 or more, got 9007199254740992",
        "slide[4].contact.url": "expected the address of the file, got nothing",
    }


@pytest.mark.parametrize("document", [None, [], "text", 5, 1.5, True, ()])
def test_a_message_is_a_json_object(document):
    assert list(faults_of(document)) == ["message"]


@pytest.mark.parametrize("slides", [{}, "x", 5, None, True])
def test_the_slides_are_a_list(slides):
    assert list(faults_of({"slide": slides})) == ["slide"]


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "a\udfff"])
def test_nul_and_lone_surrogates_are_refused_wherever_they_are(text):
    document = {
        "message-subject": text,
        "odd": [{"deep": text}],
        text: 1,
        "slide": [{"message-text": text, "odd": {text: 1}, "image": {"url": text, "content-type": text}}],
    }
    found = faults_of(document)
    shown = text.encode("ascii", "backslashreplace").decode()
    assert set(found) == {
        "message-subject",
        "odd",
        shown,
        "slide[1].message-text",
        "slide[1].odd",
        "slide[1].image.url",
        "slide[1].image.content-type",
    }
    assert {problem.split(", got")[0] for problem in found.values()} == {
        "expected a text without NUL and lone surrogates"
    }


def test_surrogate_pairs_are_letters_like_any_other():
    assert Message.from_dict(json.loads('{"message-subject": "\\ud83d\\ude00"}')).subject == "😀"


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 10**400, {1}, b"x", object(), {1: 2}, nested(100)]
)
def test_an_unknown_field_that_is_no_json_is_refused(value):
    assert list(faults_of({"odd": value})) == ["odd"]
    assert list(faults_of({"slide": [{"odd": [value]}]})) == ["slide[1].odd"]


def test_an_unknown_field_may_be_nested_as_deep_as_people_write():
    document = {"odd": nested(30), "slide": []}
    assert Message.from_dict(document).to_dict() == document


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 1e6, True, "5"])
def test_a_playing_time_is_a_number_above_zero(seconds):
    media = {"url": "https://media.example.com/a.mp4", "seconds": seconds}
    assert list(faults_of({"slide": [{"video": media}]})) == ["slide[1].video.seconds"]


HOSTILE = {
    "deep list": nested(900),
    "deep unknown field": {"odd": nested(900)},
    "deep fields": {
        "to": nested(900),
        "slide": [{"image": nested(900), "odd": {"a": nested(900)}, "message-text": nested(900)}],
    },
    "deep action": {"action": nested(900), "slide": nested(900), "mms-id": nested(900)},
    "huge numbers": {
        "to": 10**5000,
        "odd": 10**5000,
        "slide": [{"image": {"bytes": 10**5000}, "duration": -(10**5000)}],
    },
    "no json": {"odd": float("nan"), "to": {1, 2}, 5: 6, "slide": [{7: 8, "image": {9: 1}}]},
    "odd times": {
        "mms-expiry-timestamp": "0001-01-01T00:00:00+23:59",
        "fallback-sms-link-expiration": "9999-12-31T23:59:59-23:59",
    },
    "odd addresses": {
        "slide": [
            {"image": {"url": url}}
            for url in ("http://[::1", "http://[v1.a]/x", "//", "http://a:b/c", "http://a:99999/c")
        ]
    },
    "odd numbers": {"to-displayonly": ",,\ud800", "to": "\ud800", "from": ""},
    "long key": {"k" * 100_000: object()},
}


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_document_gives_faults_of_bounded_length_and_nothing_else(document):
    found = content.lint_document(document, Policy(), as_of=datetime(2026, 11, 22, tzinfo=UTC))
    assert found
    assert all(str(fault).encode() and len(str(fault)) < 1_000 for fault in found)
    if (shapes := messages.read(document)[1]) != ():
        with pytest.raises(errors.LintError):
            Message.from_dict(document)
        assert set(shapes) <= set(found)


def test_a_refusal_names_the_place_and_lists_the_faults():
    with pytest.raises(errors.LintError) as refused:
        Message.from_dict({"to": [], "from": {}}, where="body")
    assert str(refused.value) == (
        "body: 2 faults\n"
        "  to: expected a text, got [] (see the API's own JSON)\n"
        "  from: expected a text, got {} (see the API's own JSON)"
    )
    assert refused.value.exit_code == 4


# Built in code.


@pytest.mark.parametrize(
    ("build", "refusal"),
    [
        (lambda: Message(subject=5), "Message.subject: expected a text, got 5"),
        (
            lambda: Message(subject="\ud800"),
            "Message.subject: expected a text without NUL and lone surrogates",
        ),
        (
            lambda: Message(disable_fallback="yes"),
            "Message.disable_fallback: expected true or false, got 'yes'",
        ),
        (
            lambda: Message(disable_fallback=None),
            "Message.disable_fallback: expected true or false, got None",
        ),
        (lambda: Message(to=-5), "Message.to: expected a whole number, 0 or more, got -5"),
        (lambda: Message(slides=["Hi"]), r"slides[1]: expected a Slide, got 'Hi' (wrap it: Slide(text="),
        (lambda: Message(slides=[Slide(), {"message-text": "Hi"}]), "slides[2]: expected a Slide, got {"),
        (lambda: Slide(text=b"Hi"), "Slide.text: expected a text, got b'Hi'"),
        (lambda: Slide(duration_s=-1), "Slide.duration_s: expected a whole number, 0 or more, got -1"),
        (lambda: Slide(image="https://h/a.jpg"), "Slide.image: expected a Media, got 'https://h/a.jpg'"),
        (lambda: Media(None), "Media.url: expected a text, got None"),
        (lambda: Media("u", bytes="1000"), "Media.bytes: expected a whole number, 0 or more, got '1000'"),
        (lambda: Media("u", width=0), "Media.width: expected a whole number of pixels, 1 or more, got 0"),
        (
            lambda: Media("u", seconds=float("nan")),
            "Media.seconds: expected a number of seconds above 0, got nan",
        ),
        (lambda: replace(MESSAGE, sender=["61234"]), "Message.sender: expected a text, got ['61234']"),
    ],
    ids=range(15),
)
def test_a_value_that_could_not_have_been_read_cannot_be_built(build, refusal):
    with pytest.raises(errors.InputError) as refused:
        build()
    assert str(refused.value).startswith(refusal)


def test_numbers_may_be_given_as_whole_numbers():
    assert Message(to=15551230000, sender=61234) == Message(to="15551230000", sender="61234")


# Files.


def write(tmp_path, body: bytes | str):
    path = tmp_path / "message.json"
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return path


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b" \r\n"])
def test_a_message_file_is_read_with_and_without_byte_order_mark(tmp_path, start):
    assert Message.from_file(write(tmp_path, start + json.dumps(DOCUMENT).encode())) == MESSAGE


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("", "expected JSON in UTF-8, got something else: Expecting value"),
        ("{", "expected JSON in UTF-8"),
        ("slide: []", "expected JSON in UTF-8"),
        ('{"to": NaN}', "NaN is not a JSON value"),
        ('{"to": -Infinity}', "-Infinity is not a JSON value"),
        ('{"a": 1}{"b": 2}', "Extra data"),
        (b'{"message-subject": "\xff"}', "can't decode byte 0xff"),
        (b'{"message-subject": "\xed\xa0\x80"}', "can't decode byte 0xed"),
        (json.dumps({"slide": []}).encode("utf-16"), "can't decode byte 0xff"),
        (json.dumps({"slide": []}).encode("utf-32-be"), "got something else"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ('{"a":' * 50_000, "nested too deeply"),
        ('{"to": ' + "9" * 5_000 + "}", "Exceeds the limit"),
        ('"' + "x" * 1_000_000 + '"', "expected at most 1000000 bytes of JSON, got more"),
    ],
    ids=range(14),
)
def test_a_file_that_is_no_message_is_refused_with_its_path(tmp_path, body, problem):
    path = write(tmp_path, body)
    with pytest.raises(errors.InputError) as refused:
        Message.from_file(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert problem in str(refused.value)
    assert refused.value.hint
    assert len(str(refused.value)) < 500 + len(str(path))


@pytest.mark.parametrize(
    ("name", "problem"),
    [("", "expected a file, got a directory"), ("none.json", "no such file"), ("a\x00b", "cannot be read")],
)
def test_a_path_that_is_no_file_is_refused_with_the_path(tmp_path, name, problem):
    with pytest.raises(errors.InputError, match=problem) as refused:
        Message.from_file(tmp_path / name)
    assert refused.value.where == str(tmp_path / name)
    assert refused.value.hint


def test_the_faults_of_a_file_name_the_file(tmp_path):
    path = write(tmp_path, '{"slide": 5}')
    with pytest.raises(errors.LintError) as refused:
        Message.from_file(str(path))
    assert str(refused.value).startswith(f"{path}: 1 fault\n  slide: expected a list of slides, got 5")


def test_a_file_of_the_largest_size_is_read(tmp_path):
    frame = '{"message-subject": ""}'
    path = write(tmp_path, frame.replace('""', '"' + "x" * (1_000_000 - len(frame)) + '"'))
    assert path.stat().st_size == 1_000_000
    assert len(Message.from_file(path).subject) == 1_000_000 - len(frame)


# Personal fields and the fingerprint.

PERSONAL = Message(
    slides=[Slide(text="Hi {{name}}"), Slide(image=Media("https://media.example.com/{{name}}.jpg"))],
    subject="For {{name}}",
    fallback_text="{{name}}, {{when}}",
    client_reference="{{name}}",
)


def test_fields_stand_in_subject_fallback_and_slide_texts():
    assert PERSONAL.fields() == ("name", "when")


def test_a_message_is_filled_with_the_recipients_fields():
    said = PERSONAL.personal({"name": "Ann", "unused": "x"})
    assert said == replace(
        PERSONAL,
        subject="For Ann",
        fallback_text="Ann, {{when}}",
        slides=(Slide(text="Hi Ann"), PERSONAL.slides[1]),
    )


def test_a_message_without_texts_can_be_filled():
    bare = Message([Slide(image=Media("https://media.example.com/a.jpg"))])
    assert bare.personal({"name": "Ann"}) == bare


def test_equal_messages_have_one_fingerprint_whoever_they_go_to():
    other = replace(MESSAGE, to="15550000000", client_reference="order 8")
    assert other.hash == MESSAGE.hash
    assert Message.from_dict(DOCUMENT).hash == MESSAGE.hash


def test_a_playing_time_in_whole_seconds_and_as_decimal_is_one_message():
    one, other = (Message([Slide(video=Media("u", seconds=seconds))]) for seconds in (12, 12.0))
    assert one == other
    assert one.hash == other.hash


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": "Hallo"},
        {"sender": "61235"},
        {"disable_fallback": False},
        {"cache_content": False},
        {"extra": ()},
        {"slides": MESSAGE.slides[:1]},
        {"slides": (replace(MESSAGE.slides[0], duration_s=6), MESSAGE.slides[1])},
        {"slides": (MESSAGE.slides[0], Slide(contact=Media("https://media.example.com/a.vcf", bytes=1)))},
    ],
)
def test_another_content_has_another_fingerprint(changed):
    assert replace(MESSAGE, **changed).hash != MESSAGE.hash
