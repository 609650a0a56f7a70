"""Content rules: each with the API's own code, all faults at once, and warnings that never mention a code."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from planner import content, errors
from planner.content import ExtensionClass, MimeClass, Outcome
from planner.errors import Fault, Severity
from planner.messages import FILE_KINDS, Media, Message, Slide
from planner.policies import Policy

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DEFAULT = Policy(excel=True)
TYPES = {
    "image": ("a.jpg", "image/jpeg"),
    "audio": ("a.mp3", "audio/mpeg"),
    "video": ("a.mp4", "video/mp4"),
    "contact": ("a.vcf", "text/vcard"),
    "calendar": ("a.ics", "text/calendar"),
    "pdf": ("a.pdf", "application/pdf"),
    "excel": ("a.xls", "application/vnd.ms-excel"),
}


def file(kind: str, **changed) -> Media:
    name, content_type = TYPES[kind]
    return replace(Media(f"https://media.example.com/{name}", 1_000, content_type, 640, 480, 5), **changed)


def slide(*kinds: str, **changed) -> Slide:
    return Slide(**{kind: file(kind) for kind in kinds}, **changed)


def message(*slides: Slide, **changed) -> Message:
    good = Message(slides or (Slide(text="Hi"),), fallback_text="Look:", sender="61234", to="15551230000")
    return replace(good, **changed)


def lint(sent: Message, policy: Policy = DEFAULT, **kwargs) -> list[tuple[str, str]]:
    """The faults as (place, code); warnings left out."""
    found = content.lint(sent, policy, **kwargs)
    assert all(fault.problem and fault.advice for fault in found)
    return [(fault.where, fault.code) for fault in found if fault.severity is Severity.FAULT]


def warnings(sent: Message, policy: Policy = DEFAULT) -> list[Fault]:
    return [fault for fault in content.lint(sent, policy) if fault.severity is Severity.WARNING]


# What the API takes.


@pytest.mark.parametrize("kind", FILE_KINDS)
@pytest.mark.parametrize("text", [None, "Hi\nthere"])
def test_text_may_stand_beside_each_kind_of_file(kind, text):
    assert content.lint(message(slide(kind, text=text)), DEFAULT) == ()


@pytest.mark.parametrize("kinds", [("image", "audio"), ("image",), ("audio",), ("video",)])
def test_image_and_audio_may_share_a_slide(kinds):
    assert content.lint(message(slide(*kinds, text="Hi")), DEFAULT) == ()


@pytest.mark.parametrize("count", [1, 8])
def test_one_to_eight_slides_are_a_message(count):
    assert content.lint(message(*[Slide(text="Hi")] * count), DEFAULT) == ()


@pytest.mark.parametrize(
    "url",
    [
        "https://media.example.com/a.jpg",
        "http://media.example.com:8080/folder/a.jpg?size=large&v=2#top",
        "HTTPS://MEDIA.EXAMPLE.COM/A.JPG",
        "https://media.example.com/?id=7",
        "https://media.example.com/download",
        "https://media.example.com/b%C3%BCcher.jpg",
        "https://[2001:db8::1]/a.jpg",
    ],
)
def test_a_complete_address_is_taken_query_included(url):
    assert content.lint(message(Slide(image=file("image", url=url))), DEFAULT) == ()


# One fault at a time: each rule of a message with the API's code.

FILES_OF_A_SLIDE = [
    (("contact", "calendar"), "E223"),
    (("contact", "calendar", "pdf"), "E223"),
    (("pdf", "excel"), "E223"),
    *(((kind, media), "E224") for kind in FILE_KINDS[3:] for media in FILE_KINDS[:3]),
    (("audio", "video"), "E226"),
    (("image", "video"), "E227"),
]


@pytest.mark.parametrize(("kinds", "code"), FILES_OF_A_SLIDE)
def test_files_that_may_not_share_a_slide(kinds, code):
    assert lint(message(Slide(text="Hi"), slide(*kinds))) == [("slide[2]", code)]


def test_a_slide_with_all_wrong_mixes_has_all_their_codes():
    assert [code for _, code in lint(message(slide(*FILE_KINDS)))] == ["E223", "E224", "E226", "E227"]


@pytest.mark.parametrize(
    ("changed", "where", "code"),
    [
        ({"to": "555-12"}, "to", "E110"),
        ({"to": ""}, "to", "E110"),
        ({"display_only": "15551230001,call me"}, "to-displayonly", "E110"),
        ({"display_only": "15551230001,"}, "to-displayonly", "E110"),
        ({"sender": "Shop"}, "from", "E111"),
        ({"sender": "1234"}, "from", "E111"),
        ({"sender": "\u0661\u0662\u0663\u0664\u0665"}, "from", "E111"),
        ({"sender_mask": "x" * 51}, "from-mask", "E115"),
        ({"slides": (Slide(text="Hi"),) * 9}, "slide", "E225"),
        ({"slides": ()}, "slide", "E312"),
        ({"slides": (Slide(),)}, "slide[1]", "E313"),
        ({"slides": (Slide(text=" \n"),)}, "slide[1]", "E313"),
        ({"slides": (Slide(duration_s=5),)}, "slide[1]", "E313"),
        ({"slides": (Slide(text="Hi", duration_s=0),)}, "slide[1].duration", "E230"),
        ({"slides": (Slide(text="Hi", duration_s=61),)}, "slide[1].duration", "E230"),
        ({"slides": (Slide(text="Hi", extra=(("passbook", "{}"),)),)}, "slide[1].passbook", "E229"),
        ({"subject": "x" * 81}, "message-subject", "E314"),
        ({"slides": (Slide(text="Hi"), Slide(text="x" * 5001))}, "slide[2].message-text", "E334"),
        ({"fallback_text": None}, "fallback-sms-text", "E622"),
        ({"fallback_text": " "}, "fallback-sms-text", "E622"),
        ({"fallback_text": "x" * 5001}, "fallback-sms-text", "E334"),
        ({"client_reference": "x" * 65}, "client-reference", ""),
        ({"expiry": "tomorrow"}, "mms-expiry-timestamp", ""),
        ({"expiry": "2026-11-23T12:00:00"}, "mms-expiry-timestamp", ""),
        ({"fallback_link_expiration": "2027-13-01T00:00:00Z"}, "fallback-sms-link-expiration", ""),
    ],
)
def test_each_rule_of_a_message_has_its_place_and_code(changed, where, code):
    assert lint(message(**changed)) == [(where, code)]


@pytest.mark.parametrize(
    "changed",
    [
        {"to": "+1 (555) 123-0000"},
        {"to": None},
        {"display_only": "15551230001, +1 555 123 0002"},
        {"sender": "612345"},
        {"sender": "18885550100"},
        {"sender": None},
        {"sender_mask": "x" * 50},
        {"slides": (Slide(text="Hi", duration_s=60),)},
        {"slides": (Slide(text="x" * 5000),)},
        {"fallback_text": None, "disable_fallback": True},
        {"client_reference": "x" * 64},
        {"expiry": "2026-11-23T12:00:00Z", "fallback_link_expiration": "2026-12-01T00:00:00+02:00"},
        {"subject": "x" * 80},
    ],
)
def test_what_is_just_right_has_no_fault(changed):
    assert lint(message(**changed)) == []


def test_the_policys_sender_is_checked_where_the_message_names_none():
    assert lint(message(sender=None), replace(DEFAULT, sender="Shop")) == [("from", "E111")]


@pytest.mark.parametrize("action", ["sendmms", "sendsavedmms"])
def test_an_account_may_need_a_service_id(action):
    strict = replace(DEFAULT, service_id_required=True)
    assert lint(message(), strict, action=action) == [("service-id", "E627")]
    assert lint(message(service_id="7"), strict, action=action) == []
    assert lint(message(name="spring"), strict, action="savemms") == []


@pytest.mark.parametrize("name", [None, "", "  "])
def test_a_template_needs_a_name(name):
    assert lint(message(name=name), action="savemms") == [("name", "E311")]
    assert lint(message(name=name)) == []


def test_a_saved_template_brings_its_own_slides_and_fallback():
    assert lint(Message(to="15551230000"), action="sendsavedmms") == []


@pytest.mark.parametrize(
    ("field", "where", "days"),
    [
        ("expiry", "mms-expiry-timestamp", 3),
        ("fallback_link_expiration", "fallback-sms-link-expiration", 365),
    ],
)
def test_times_lie_between_now_and_the_longest_that_the_api_takes(field, where, days):
    def found(moment: datetime) -> list:
        return lint(message(**{field: moment.isoformat()}), as_of=NOW)

    assert found(NOW + timedelta(days=days)) == []
    assert found(NOW + timedelta(days=days, seconds=1)) == [(where, "")]
    assert found(NOW) == [(where, "")]
    assert lint(message(**{field: (NOW - timedelta(days=900)).isoformat()})) == []


# Files: address, size, what must be known.

TOO_LARGE = dict(zip(FILE_KINDS, ("E331", "E332", "E333", "E335", "E336", "E337", "E337"), strict=True))
NOT_FETCHED = dict(zip(FILE_KINDS, ("E351", "E352", "E353", "E355", "E356", "E357", "E357"), strict=True))
BAD_ADDRESSES = [
    "",
    "a.jpg",
    "/folder/a.jpg",
    "media.example.com/a.jpg",
    "//media.example.com/a.jpg",
    "ftp://media.example.com/a.jpg",
    "file:///folder/a.jpg",
    "https://",
    "https:///a.jpg",
    "https://media.example.com",
    "https://media.example.com/",
    "https://media.example.com/a b.jpg",
    " https://media.example.com/a.jpg",
    "https://media.example.com/a.jpg\n",
    "https://media.exam\tple.com/a.jpg",
    "http://[::1",
]


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_an_address_that_is_not_complete_has_the_code_of_a_failed_fetch(kind):
    found = lint(message(Slide(**{kind: file(kind, url="a.jpg")})))
    assert found == [(f"slide[1].{kind}.url", NOT_FETCHED[kind])]


@pytest.mark.parametrize("url", BAD_ADDRESSES)
def test_addresses_that_are_not_complete(url):
    assert lint(message(Slide(image=file("image", url=url)))) == [("slide[1].image.url", "E351")]


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_a_file_larger_than_the_account_takes_has_the_code_of_its_kind(kind):
    most = DEFAULT.file_limit(kind)
    assert lint(message(Slide(**{kind: file(kind, bytes=most)}))) == []
    found = lint(message(Slide(**{kind: file(kind, bytes=most + 1)})))
    assert found == [(f"slide[1].{kind}.bytes", TOO_LARGE[kind])]


def test_a_gif_has_a_limit_of_its_own():
    gif = file("image", content_type="image/gif; charset=binary", bytes=1_048_577)
    assert lint(message(Slide(image=gif))) == [("slide[1].image.bytes", "E331")]


@pytest.mark.parametrize(
    ("unknown", "said"),
    [
        ({"bytes": None}, "bytes of the file not given"),
        ({"content_type": None}, "content-type of the file not given"),
        ({"bytes": None, "content_type": None}, "bytes and content-type of the file not given"),
    ],
)
@pytest.mark.parametrize("kind", FILE_KINDS)
def test_a_file_of_unknown_size_or_type_is_the_fault_size_unknown(kind, unknown, said):
    (fault,) = content.lint(message(Slide(**{kind: file(kind, **unknown)})), DEFAULT)
    assert (fault.where, fault.code, fault.problem) == (f"slide[1].{kind}", "size_unknown", said)
    assert "beside the url" in fault.advice


@pytest.mark.parametrize("name", ["a.gif", "A.GIF?v=1"])
def test_a_gif_may_be_known_by_its_extension_alone(name):
    gif = file("image", url=f"https://h/{name}", content_type="application/octet-stream", bytes=1_048_577)
    assert lint(message(Slide(image=gif))) == [("slide[1].image.bytes", "E331")]


def test_excel_needs_an_account_that_has_it():
    assert lint(message(slide("excel")), Policy()) == [("slide[1].excel", "E229")]


# The six rules of type and extension, in both stages, after the seed's text; and what the seed leaves open.

SUPPORTED, INVALID, NONE = ("card.vcf?v=.exe", "card.exe", "card")
PASS, FAIL, IF_CONTENT = Outcome.PASS, Outcome.FAIL, Outcome.IF_CONTENT
RULES = [
    ("text/vcard", SUPPORTED, PASS, PASS, ""),
    ("text/vcard", INVALID, PASS, PASS, ""),
    ("text/vcard", NONE, PASS, PASS, ""),
    ("application/octet-stream", SUPPORTED, PASS, IF_CONTENT, ""),
    ("application/octet-stream", INVALID, FAIL, FAIL, "E629"),
    ("application/octet-stream", NONE, FAIL, FAIL, "E629"),
    *(("application/zip", name, FAIL, FAIL, "E229") for name in (SUPPORTED, INVALID, NONE)),
    *(("image/jpeg", name, FAIL, FAIL, "E229") for name in (SUPPORTED, INVALID, NONE)),
    *(("x-odd/thing", name, FAIL, FAIL, "E629") for name in (SUPPORTED, INVALID, NONE)),
    *(("", name, FAIL, FAIL, "E629") for name in (SUPPORTED, INVALID, NONE)),
]


@pytest.mark.parametrize(("content_type", "name", "validation", "transcoding", "code"), RULES)
def test_the_rules_of_type_and_extension_in_both_stages(content_type, name, validation, transcoding, code):
    url = f"https://media.example.com/folder.vcf/{name}"
    rule = content.type_rule("contact", content_type, url, DEFAULT)
    assert (rule.validation, rule.transcoding, rule.code) == (validation, transcoding, code)
    found = lint(message(Slide(contact=file("contact", url=url, content_type=content_type))))
    assert found == ([("slide[1].contact.content-type", code)] if code else [])


def test_every_pair_of_classes_has_a_rule():
    assert set(content.TYPE_RULES) == {
        (mime, extension) for mime in MimeClass for extension in ExtensionClass
    }
    assert all((rule.validation is FAIL) == bool(rule.code) for rule in content.TYPE_RULES.values())


@pytest.mark.parametrize(
    ("content_type", "found"),
    [
        ("text/vcard", MimeClass.SUPPORTED),
        ("Text/VCard; charset=utf-8", MimeClass.SUPPORTED),
        (" text/x-vcard ;x", MimeClass.SUPPORTED),
        ("binary/octet-stream", MimeClass.OCTET_STREAM),
        ("text/calendar", MimeClass.REFUSED),
        ("text/plain", MimeClass.REFUSED),
        ("text/vcard2", MimeClass.UNRECOGNISED),
        ("vcard", MimeClass.UNRECOGNISED),
    ],
)
def test_a_content_type_is_read_without_case_and_parameters(content_type, found):
    assert content.mime_class("contact", content_type, DEFAULT) is found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("card.vcf", ExtensionClass.SUPPORTED),
        ("card.VCard", ExtensionClass.SUPPORTED),
        ("card.vcf?download=card.pdf", ExtensionClass.SUPPORTED),
        ("card.pdf", ExtensionClass.INVALID),
        ("card.vcf.pdf", ExtensionClass.INVALID),
        ("card?file=card.vcf", ExtensionClass.NONE),
        ("card.", ExtensionClass.NONE),
        (".vcf", ExtensionClass.NONE),
        ("folder.vcf/card", ExtensionClass.NONE),
        ("", ExtensionClass.NONE),
    ],
)
def test_the_extension_is_the_end_of_the_path(path, found):
    assert content.extension_class("contact", f"https://media.example.com/{path}", DEFAULT) is found


@pytest.mark.parametrize(("kind", "pair"), TYPES.items())
def test_each_kind_knows_its_usual_type_and_extension(kind, pair):
    name, content_type = pair
    assert content.mime_class(kind, content_type, DEFAULT) is MimeClass.SUPPORTED
    assert content.extension_class(kind, f"https://h/{name}", DEFAULT) is ExtensionClass.SUPPORTED


def test_webp_is_an_image_where_the_account_has_it():
    webp = message(Slide(image=file("image", url="https://h.example/a.webp", content_type="image/webp")))
    assert lint(webp) == [("slide[1].image.content-type", "E229")]
    assert lint(webp, replace(DEFAULT, webp=True)) == []
    octets = message(
        Slide(image=file("image", url="https://h/a.webp", content_type="application/octet-stream"))
    )
    assert lint(octets) == [("slide[1].image.content-type", "E629")]
    assert lint(octets, replace(DEFAULT, webp=True)) == []


# Personal fields.


def test_a_personal_field_that_no_recipient_has_is_a_fault():
    personal = message(Slide(text="Hi {{name}}"), subject="{{when}} {{name}}", fallback_text="{{zip}}")
    assert lint(personal, fields=("name", "town")) == [("{{when}}", ""), ("{{zip}}", "")]
    assert lint(personal, fields=("name", "when", "zip")) == []


def test_where_recipients_are_not_known_a_personal_field_is_a_warning():
    personal = message(Slide(text="Hi {{name}}"), fallback_text="{{zip}}")
    assert lint(personal) == []
    assert [warning.where for warning in warnings(personal)] == ["{{name}}", "{{zip}}"]


# Warnings.

WARNED = {
    "odd field": {"extra": (("priority", "1"),)},
    "odd field of a slide": {"slides": (Slide(text="Hi", extra=(("region", "1"),)),)},
    "long subject": {"subject": "x" * 41},
    "emoji in the subject": {"subject": "Hi 😀"},
    "several parts": {"fallback_text": "x" * 100},
    "image without pixels": {"slides": (Slide(image=file("image", width=None)),)},
    "video without seconds": {"slides": (Slide(video=file("video", seconds=None)),)},
    "audio without seconds": {"slides": (Slide(audio=file("audio", seconds=None)),)},
    "personal field": {"subject": "{{name}}"},
    "empty file": {"slides": (Slide(image=file("image", bytes=0)),)},
}


@pytest.mark.parametrize("changed", WARNED.values(), ids=WARNED.keys())
def test_a_warning_stops_nothing_and_never_mentions_a_code(changed):
    warned = message(**changed)
    (warning,) = warnings(warned)
    assert warning.code == ""
    assert not re.search(r"E\d{3}", str(warning))
    assert lint(warned) == []
    content.check(warned, DEFAULT, fields=("name",))


def test_the_fallback_is_counted_with_its_link_and_only_where_it_may_be_sent():
    assert warnings(message(fallback_text="x" * 95)) == []
    assert warnings(message(fallback_text="x" * 96)) != []
    assert warnings(message(fallback_text="x" * 96, disable_fallback=True)) == []
    assert warnings(message(fallback_text="x" * 160, disable_fallback_link=True)) == []
    assert warnings(message(fallback_text="x" * 161, disable_fallback_link=True)) != []
    assert warnings(message(fallback_text="x" * 119), replace(DEFAULT, link_host="m.example.com")) == []


@pytest.mark.parametrize(
    ("transcoding", "warned"),
    [("on", ["image", "audio", "video"]), ("images", ["image"]), ("off", [])],
)
def test_missing_pixels_and_seconds_matter_only_where_the_account_reduces(transcoding, warned):
    bare = {"width": None, "height": None, "seconds": None}
    slides = [Slide(**{kind: file(kind, **bare)}) for kind in ("image", "audio", "video")]
    found = warnings(message(*slides), Policy(transcoding=transcoding))
    assert [warning.where.partition(".")[2] for warning in found] == warned


def test_a_slide_with_only_an_unknown_field_may_be_a_page_of_a_kind_we_do_not_know():
    assert lint(message(Slide(extra=(("map", '{"url": "https://h/x"}'),)))) == []


# All at once.

EVERYTHING_WRONG = Message(
    to="abc",
    sender="Shop",
    display_only="abc",
    sender_mask="x" * 51,
    subject="ü" * 81,
    fallback_text="",
    client_reference="x" * 65,
    expiry="soon",
    fallback_link_expiration="2026-11-23",
    extra=(("priority", "1"),),
    slides=(
        Slide(),
        slide("contact", "calendar"),
        slide("pdf", "image"),
        slide("audio", "video"),
        slide("video", "image"),
        Slide(text="x" * 5001, duration_s=99, extra=(("passbook", "1"),)),
        *(Slide(**{kind: file(kind, url="x", bytes=10**9)}) for kind in FILE_KINDS),
        Slide(image=file("image", content_type="application/zip")),
        Slide(image=file("image", content_type="x/y")),
        Slide(pdf=file("pdf", bytes=None), text="{{nobody}}"),
    ),
)
CODES = """
    E110 E111 E115 E223 E224 E225 E226 E227 E229 E230 E313 E314 E331 E332 E333 E334 E335 E336 E337
    E351 E352 E353 E355 E356 E357 E622 E627 E629 size_unknown
"""


def test_a_message_with_every_fault_at_once_has_them_all():
    strict = Policy(service_id_required=True)
    found = content.lint(EVERYTHING_WRONG, strict, fields=("name",), as_of=NOW)
    assert {fault.code for fault in found} == {*CODES.split(), ""}
    coded = [(f.where, f.code) for f in found if f.severity is Severity.FAULT]
    assert len(set(coded)) == len(coded)
    assert [f.severity for f in found] == sorted(
        (f.severity for f in found), key=lambda s: s is Severity.WARNING
    )


def test_checking_raises_all_faults_together_and_no_warning():
    strict = Policy(service_id_required=True)
    with pytest.raises(errors.LintError) as refused:
        content.check(EVERYTHING_WRONG, strict, fields=("name",), where="offer.json")
    assert refused.value.faults == tuple(
        f for f in content.lint(EVERYTHING_WRONG, strict, fields=("name",)) if f.severity is Severity.FAULT
    )
    text = str(refused.value)
    assert text.startswith(f"offer.json: {len(refused.value.faults)} faults\n  ")
    assert all(str(fault) in text for fault in refused.value.faults)
    assert len(text.splitlines()) == len(refused.value.faults) + 1


def test_checking_a_good_message_is_silent():
    assert content.check(message(slide("image", text="Hi {{name}}")), DEFAULT, fields=["name"]) is None


def test_checking_wants_every_personal_field():
    with pytest.raises(errors.LintError, match="no recipient has a field of that name"):
        content.check(message(Slide(text="Hi {{name}}")), DEFAULT)


def test_a_fault_reads_as_one_line_and_as_json():
    (fault,) = content.lint(message(Slide(pdf=file("pdf", url="form.pdf"))), DEFAULT)
    assert str(fault) == (
        "slide[1].pdf.url: expected a complete address with http or https, got 'form.pdf'"
        " (give the whole address: https://host/path) [E357]"
    )
    assert fault.to_dict() == {
        "where": "slide[1].pdf.url",
        "code": "E357",
        "severity": "fault",
        "problem": "expected a complete address with http or https, got 'form.pdf'",
        "advice": "give the whole address: https://host/path",
    }


# Documents as they lie in a file: wrong shapes and wrong content together.


def found_in(document: object, policy: Policy = DEFAULT) -> list[tuple[str, str]]:
    return [
        (f.where, f.code) for f in content.lint_document(document, policy) if f.severity is Severity.FAULT
    ]


GOOD = {"fallback-sms-text": "Look:", "slide": [{"message-text": "Hi"}]}


def test_a_good_document_has_no_faults():
    assert content.lint_document(GOOD, DEFAULT) == ()


def test_wrong_shapes_and_wrong_content_come_together():
    document = {
        "to": "555",
        "from": ["61234"],
        "from-mask": "x" * 51,
        "disable-fallback-sms": "no",
        "slide": [
            {"message-text": 5, "image": {"url": "a.jpg", "bytes": "big", "content-type": "image/jpeg"}},
            {"pdf": {"url": "https://h/a.pdf", "bytes": 10**9, "content-type": 5}, "audio": {"url": 5}},
            *[{"message-text": "Hi"}] * 7,
        ],
    }
    assert found_in(document) == [
        ("from", ""),
        ("disable-fallback-sms", ""),
        ("slide[1].message-text", ""),
        ("slide[1].image.bytes", ""),
        ("slide[2].audio.url", ""),
        ("slide[2].pdf.content-type", ""),
        ("to", "E110"),
        ("from-mask", "E115"),
        ("fallback-sms-text", "E622"),
        ("slide", "E225"),
        ("slide[1].image.url", "E351"),
        ("slide[2]", "E224"),
        ("slide[2].pdf.bytes", "E337"),
    ]


def test_what_could_not_be_read_is_not_called_missing():
    unread = {"fallback-sms-text": 5, "slide": [{"message-text": 5}, {"image": 5}, 5]}
    assert found_in(unread) == [
        ("fallback-sms-text", ""),
        ("slide[1].message-text", ""),
        ("slide[2].image", ""),
        ("slide[3]", ""),
    ]
    assert found_in({"fallback-sms-text": "Look:", "slide": "Hi"}) == [("slide", "")]


@pytest.mark.parametrize("document", [None, [], "text", 7])
def test_what_is_no_object_has_that_one_fault(document):
    assert found_in(document) == [("message", "")]


@pytest.mark.parametrize("action", ["sendmms", "SendMMS", "savemms", "saveMMS"])
def test_actions_are_known_in_any_case(action):
    assert found_in(GOOD | {"action": action, "name": "spring"}) == []


@pytest.mark.parametrize("action", ["deletemms", "", None, 5, ["sendmms"]])
def test_another_action_is_refused(action):
    assert found_in(GOOD | {"action": action}) == [("action", "E107")]


@pytest.mark.parametrize("document", [{}, {"mms-id": ""}, {"mms-id": None}])
def test_sending_a_saved_template_needs_its_id(document):
    assert found_in(document | {"action": "sendsavedmms"}) == [("mms-id", "E620")]
    assert found_in({"action": "sendsavedmms", "mms-id": "abc"}) == []


def test_saving_a_template_needs_a_name():
    assert found_in(GOOD | {"action": "savemms"}) == [("name", "E311")]


def test_personal_fields_and_times_are_checked_in_documents_too():
    document = GOOD | {"message-subject": "{{name}}", "mms-expiry-timestamp": "2026-12-31T00:00:00Z"}
    found = content.lint_document(document, DEFAULT, fields=(), as_of=NOW)
    assert [fault.where for fault in found] == ["mms-expiry-timestamp", "{{name}}"]
