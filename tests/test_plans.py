"""Plans: values that compare, pickle, go to JSON and back, explain themselves, and make the API's request."""

import json
import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from planner import errors, plans
from planner.decide import decide
from planner.handsets import LimitedBy, Profile, State
from planner.messages import Media, Message, Slide
from planner.plans import Channel, Form, Plan, Reason, Via, Witness
from planner.policies import OsClass, Policy, wire_size

NOW = datetime(2026, 11, 22, 12, 30, 0, 250_000, tzinfo=UTC)
NUMBER = "15551230000"
HOSTED = Policy(link_host="m.example.com")


def phone(os_class: OsClass = OsClass.IOS, limit_raw: int = 1_000_000, **changed) -> Profile:
    profile = Profile(os_class, State.KNOWN, (os_class,), wire_size(limit_raw), LimitedBy.DEVICE)
    return replace(profile, **changed)


def file(name: str, count: int = 1_000, **hints) -> Media:
    return Media(f"https://media.example.com/{name}?v=2", bytes=count, **hints)


MESSAGE = Message(
    slides=[
        Slide(text="See you\non Friday", image=file("a.jpg", 100_000, width=640, height=480)),
        Slide(text="Our card", contact=file("a.vcf")),
        Slide(calendar=file("a.ics")),
        Slide(text="", pdf=file("a.pdf", 300_000), duration_s=5, extra=(("layout", '"top"'),)),
    ],
    fallback_text="Details:",
    subject="Hello",
    sender="18885550100",
    to="19995550000",
    name="a template",
    client_reference="order 7",
    cache_content=False,
    extra=(("x-campaign", '{"id": 7}'),),
)
EVIDENCE = (
    Witness("receipt", "iPhoneOS", NOW - timedelta(days=3), "apple_iphone"),
    Witness("hit", "Default", datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=-5))), None),
)

LIMITS = {"mms": 1_000_000, "moved": 200_000, "tiny": 10}
VARIETY = {
    "mms": decide(MESSAGE, phone(), HOSTED),
    "android": decide(MESSAGE, phone(OsClass.ANDROID), HOSTED),
    "own links": decide(MESSAGE, phone(OsClass.OTHER), replace(HOSTED, links="own")),
    "moved": decide(MESSAGE, phone(limit_raw=200_000), HOSTED),
    "moved, no host": decide(MESSAGE, phone(limit_raw=200_000), Policy()),
    "conflict": decide(
        MESSAGE,
        phone(state=State.CONFLICT, candidates=(OsClass.IOS, OsClass.OTHER)),
        replace(HOSTED, name="x"),
    ),
    "unknown": decide(MESSAGE, phone(OsClass.UNKNOWN, state=State.STALE), Policy()),
    "text_mms": decide(MESSAGE, phone(limit_raw=10), HOSTED),
    "text_mms, no host": decide(MESSAGE, phone(limit_raw=10), Policy(sender="61234")),
    "sms_api": decide(MESSAGE, phone(limit_raw=10), replace(HOSTED, sms_route="sms_api")),
    "none": decide(replace(MESSAGE, disable_fallback=True), phone(limit_raw=10), HOSTED),
}
PLANS = pytest.mark.parametrize("plan", VARIETY.values(), ids=VARIETY.keys())


def addressed(plan: Plan) -> Plan:
    return plan.addressed(NUMBER, NOW, "apple_iphone", EVIDENCE)


# As a value.


@PLANS
def test_a_plan_comes_back_from_its_json_equal(plan):
    for one in (plan, addressed(plan)):
        text = json.dumps(one.to_dict())
        again = Plan.from_dict(json.loads(text))
        assert again == one
        assert hash(again) == hash(one)
        assert json.dumps(again.to_dict()) == text
        assert again.request == one.request
        assert again.explain() == one.explain()


@PLANS
def test_a_plan_pickles(plan):
    again = pickle.loads(pickle.dumps(addressed(plan)))
    assert again == addressed(plan)
    assert again.to_dict() == addressed(plan).to_dict()


@pytest.mark.parametrize("profile", [phone(), phone(limit_raw=200_000), phone(limit_raw=10)])
def test_a_plan_made_twice_is_the_same_to_the_byte(profile):
    texts = {
        json.dumps(addressed(decide(message, profile, Policy(link_host="m.example.com"))).to_dict())
        for message in (MESSAGE, Message.from_dict(MESSAGE.to_dict()), pickle.loads(pickle.dumps(MESSAGE)))
    }
    assert len(texts) == 1


def test_seconds_written_as_whole_number_or_decimal_make_the_same_bytes():
    made = [
        json.dumps(decide(Message([Slide(video=file("a.mp4", seconds=s))]), phone(), Policy()).to_dict())
        for s in (12, 12.0)
    ]
    assert made[0] == made[1]


def test_plans_for_different_numbers_times_devices_and_evidence_differ():
    plan = addressed(VARIETY["mms"])
    others = [
        replace(plan, to="15551230001"),
        replace(plan, as_of=NOW + timedelta(seconds=1)),
        replace(plan, device=None),
        replace(plan, evidence=()),
    ]
    assert all(other != plan for other in others)


def test_the_json_has_every_key_always():
    keys = {key: set(plan.to_dict()) for key, plan in VARIETY.items()}
    assert all(found == keys["mms"] for found in keys.values())
    assert keys["mms"] == {
        "schema", "to", "as_of", "channel", "via", "os_class", "device", "state", "objects", "media", "size",
        "sms", "reasons", "evidence", "message_hash", "policy", "request",
    }  # fmt: skip


def test_times_are_written_in_utc_with_a_z():
    document = VARIETY["mms"].addressed(NUMBER, NOW.astimezone(timezone(timedelta(hours=9))), None, EVIDENCE)
    assert document.to_dict()["as_of"] == "2026-11-22T12:30:00.250000Z"
    assert document.to_dict()["evidence"][0]["observed_at"] == "2026-11-19T12:30:00.250000Z"


def test_a_time_without_a_zone_is_a_mistake():
    with pytest.raises(AssertionError, match="zone"):
        VARIETY["mms"].addressed(NUMBER, datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake itself


def test_further_reasons_come_first_and_once():
    plan = VARIETY["mms"].because(Reason.STORE_UNAVAILABLE, Reason.FITS)
    assert plan.reasons == (Reason.STORE_UNAVAILABLE, Reason.FITS, Reason.SEED_IOS)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"schema": 2}, "expected a plan of schema 1, got schema 2"),
        ({"channel": "fax"}, "ValueError: 'fax' is not a valid Channel"),
        ({"reasons": ["because"]}, "ValueError: 'because' is not a valid Reason"),
        ({"objects": [{"slide": 1}]}, "KeyError: 'kind'"),
        ({"size": None}, "TypeError"),
        ({"as_of": "yesterday"}, "ValueError"),
        ({"evidence": 5}, "TypeError"),
    ],
)
def test_what_is_no_plan_is_refused(changed, problem):
    with pytest.raises(errors.InputError) as refused:
        Plan.from_dict(VARIETY["mms"].to_dict() | changed)
    assert problem in str(refused.value)
    assert refused.value.where == "plan"


@pytest.mark.parametrize("document", [None, [], "plan", {}, {"schema": 1}])
def test_what_has_no_schema_or_nothing_else_is_no_plan(document):
    with pytest.raises(errors.InputError, match="expected a plan"):
        Plan.from_dict(document)


@PLANS
def test_a_plan_knows_whether_its_request_holds_placeholders(plan):
    assert plan.needs_links == ("{link:" in json.dumps(plan.request))
    assert ("needs a link of yours" in plan.explain()) == plan.needs_links


# Words.


def test_every_reason_has_words_of_its_own():
    assert set(plans.WORDS) == set(Reason)
    assert len(set(plans.WORDS.values())) == len(Reason)
    assert all(words and words[-1] != "." for words in plans.WORDS.values())


def test_every_class_has_its_seed_reason():
    assert {c: r.value for c, r in plans.SEED_REASON.items()} == {c: f"seed_{c.value}" for c in OsClass}


@PLANS
def test_the_explanation_names_each_decision_and_each_reason(plan):
    said = addressed(plan).explain()
    lines = said.splitlines()
    assert NUMBER in lines[0]
    assert plan.state.value in lines[0]
    assert "apple_iphone" in lines[0]
    for o in plan.objects:
        line = next(line for line in lines if f"Slide {o.slide}, {o.kind}: {o.form.value}" in line)
        assert plans.WORDS[o.reason] in line
        assert ("our own link" in line) == (o.by.value == "planner")
    for m in plan.media:
        done = m.action.value if plan.channel is Channel.MMS else "not in the message"
        line = next(line for line in lines if f"Slide {m.slide}, {m.kind}: {done}" in line)
        assert plans.WORDS[m.reason] in line
        assert (m.action.value == "keep") or f"{m.max_bytes:,} bytes" in line
    assert all(plans.WORDS[reason] in said for reason in plan.reasons)
    assert f"{plan.size.wire_bytes:,}" in said
    assert f"{plan.size.limit_wire_bytes:,}" in said
    assert f"the {plan.size.limited_by.value} takes" in said
    assert plan.sms is None or repr(plan.sms.text) in said
    assert all(repr(witness.string) in said for witness in EVIDENCE)


def test_the_explanation_says_what_is_sent_and_how():
    firsts = {key: plan.explain().splitlines()[0] for key, plan in VARIETY.items()}
    assert firsts["mms"] == "Send as MMS: ios phone (known)."
    assert firsts["unknown"] == "Send as MMS: unknown phone (stale)."
    assert firsts["text_mms"] == "Send as SMS, carried by a text-only MMS: ios phone (known)."
    assert firsts["sms_api"] == "Send as SMS: ios phone (known)."
    assert firsts["none"] == "Send nothing: ios phone (known)."


# Placeholders.


@pytest.mark.parametrize(
    "host", ["", "m.example.com", "https://m.example.com/", "http://links.example.com:8080/a"]
)
@pytest.mark.parametrize("target", ["1", "8", "12", "page"])
def test_a_placeholder_has_the_final_length_of_the_link(host, target):
    policy = Policy(link_host=host, link_length=60)
    link = plans.placeholder(target, policy)
    assert len(link) == policy.own_link_length == (len(policy.link_prefix) + 16 if host else 60)
    assert link.startswith(policy.link_prefix + "{link:" + target + "}")
    assert " " not in link


@pytest.mark.parametrize(
    ("host", "prefix"),
    [
        ("m.example.com", "https://m.example.com/m/"),
        ("https://m.example.com/", "https://m.example.com/m/"),
        ("http://m.example.com:8080/a/", "http://m.example.com:8080/a/m/"),
    ],
)
def test_a_link_host_may_be_written_with_and_without_scheme(host, prefix):
    assert Policy(link_host=host).link_prefix == prefix


# Requests.


def test_the_request_of_an_mms_is_the_message_for_this_number_without_hints():
    request = addressed(VARIETY["mms"]).request
    assert request == {
        "action": "sendmms",
        "to": NUMBER,
        "from": "18885550100",
        "message-subject": "Hello",
        "fallback-sms-text": "Details:",
        "client-reference": "order 7",
        "cache-content": False,
        "x-campaign": {"id": 7},
        "slide": [
            {"message-text": "See you\non Friday", "image": {"url": "https://media.example.com/a.jpg?v=2"}},
            {"message-text": "Our card", "contact": {"url": "https://media.example.com/a.vcf?v=2"}},
            {"calendar": {"url": "https://media.example.com/a.ics?v=2"}},
            {
                "message-text": "",
                "pdf": {"url": "https://media.example.com/a.pdf?v=2"},
                "duration": 5,
                "layout": "top",
            },
        ],
    }


def test_links_that_the_api_makes_change_nothing_in_the_request():
    assert addressed(VARIETY["android"]).request == addressed(VARIETY["mms"]).request


def test_links_of_ours_take_the_place_of_the_object_in_the_text_of_its_slide():
    slides = VARIETY["own links"].request["slide"]
    assert slides[1:] == [
        {"message-text": "Our card\nhttps://m.example.com/m/{link:2}--------"},
        {"message-text": "https://m.example.com/m/{link:3}--------"},
        {"message-text": "https://m.example.com/m/{link:4}--------", "duration": 5, "layout": "top"},
    ]
    assert slides[0] == VARIETY["mms"].request["slide"][0]


def test_only_what_was_moved_leaves_the_request():
    slides = VARIETY["moved"].request["slide"]
    assert [sorted(slide) for slide in slides] == [
        ["image", "message-text"],
        ["contact", "message-text"],
        ["calendar"],
        ["duration", "layout", "message-text"],
    ]


def test_planning_needs_no_link_host():
    text = VARIETY["moved, no host"].request["slide"][3]["message-text"]
    assert text == "{link:4}" + "-" * 56


def test_an_sms_without_a_route_is_a_text_only_mms_with_our_link():
    request = addressed(VARIETY["text_mms"]).request
    text = "Details: https://m.example.com/m/{link:page}-----"
    assert request["slide"] == [{"message-text": text}]
    assert request["fallback-sms-text"] == text
    assert request["disable-fallback-sms-link"] is True
    assert (request["action"], request["to"], request["from"]) == ("sendmms", NUMBER, "18885550100")
    assert request["message-subject"] == "Hello"


def test_without_a_link_host_the_api_keeps_its_own_fallback_link():
    request = VARIETY["text_mms, no host"].request
    assert request["slide"] == [{"message-text": "Details:"}]
    assert "disable-fallback-sms-link" not in request


def test_a_message_without_link_stays_without_link():
    bare = replace(MESSAGE, disable_fallback_link=True)
    request = decide(bare, phone(limit_raw=10), HOSTED).request
    assert request["slide"] == [{"message-text": "Details:"}]
    assert request["disable-fallback-sms-link"] is True


def test_an_sms_with_a_route_is_a_request_of_the_sms_api():
    assert addressed(VARIETY["sms_api"]).request == {
        "type": "mt_text",
        "from": "18885550100",
        "to": [NUMBER],
        "body": "Details: https://m.example.com/m/{link:page}-----",
    }
    assert "to" not in VARIETY["sms_api"].request


def test_nothing_is_requested_where_nothing_is_sent():
    assert addressed(VARIETY["none"]).request is None
    assert VARIETY["none"].to_dict()["request"] is None


def test_the_policys_sender_stands_in_where_the_message_names_none():
    anonymous = replace(MESSAGE, sender=None)
    assert decide(anonymous, phone(), Policy(sender="61234")).request["from"] == "61234"
    assert decide(MESSAGE, phone(), Policy(sender="61234")).request["from"] == "18885550100"
    assert "from" not in decide(anonymous, phone(), Policy()).request


def test_the_template_name_and_the_number_in_the_file_are_not_sent():
    request = VARIETY["mms"].request
    assert "name" not in request
    assert "to" not in request


def test_several_objects_in_one_slide_are_all_taken_out():
    crowded = Message([Slide(contact=file("a.vcf"), pdf=file("a.pdf"))], fallback_text="x")
    slide = decide(crowded, phone(OsClass.OTHER), replace(HOSTED, links="own")).request["slide"][0]
    assert list(slide) == ["message-text"]
    assert slide["message-text"].count("{link:1}") == 2


@PLANS
def test_the_parts_of_the_plan_are_words_that_json_knows(plan):
    document = plan.to_dict()
    assert document["via"] in {*(via.value for via in Via), None}
    assert {o["form"] for o in document["objects"]} <= {form.value for form in Form}
    assert json.loads(json.dumps(document, allow_nan=False)) == document
